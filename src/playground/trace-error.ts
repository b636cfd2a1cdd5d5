import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { InferenceError } from "../errors.ts";
import { shortenText } from "../shorten-text.ts";
import type { CodeFrame, StackFrame, ThrownTrace, TraceError } from "./trace.ts";

const LINES_AROUND = 4;

/** Characters that are kept of what a hook threw. */
const MAX_SUMMARY = 4096;

/** The error that a client got; with `sources` also where a hook threw it. */
export function traceError(thrown: unknown, sources: boolean): TraceError {
  const error = InferenceError.from(thrown);
  const { code, message, status } = error;
  if (!sources) return { code, message, status };
  const origin = error.cause instanceof Error ? error.cause : error;
  return { code, message, status, thrown: traceThrown(origin) };
}

function traceThrown(error: Error): ThrownTrace {
  const found = framesOf(error);
  const code = found[0] && codeAround(found[0]);
  const frames = found.map((frame) => ({ ...frame, file: fromHere(frame.file) }));
  const summary = shortenText(`${error.name}: ${error.message}`, MAX_SUMMARY);
  return code === undefined ? { summary, frames } : { summary, frames, code };
}

/** Folder of this package's own code, built or not. */
const OWN = fileURLToPath(new URL("..", import.meta.url));

function framesOf({ stack = "" }: Error): StackFrame[] {
  return stack.split("\n").flatMap((text) => {
    const found = /^\s+at (?:(.*?) \()?(?:file:\/\/)?(\/[^()]*|[A-Z]:[^()]*):(\d+):(\d+)\)?$/.exec(text);
    if (found === null) return [];
    const [, where = "", file = "", line, column] = found;
    if (file.startsWith(OWN) || file.includes("/node_modules/")) return [];
    return [{ where, file, line: Number(line), column: Number(column) }];
  });
}

/** As the user would write it. */
function fromHere(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}

function codeAround({ file, line }: StackFrame): CodeFrame | undefined {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    const firstLine = Math.max(1, line - LINES_AROUND);
    return { firstLine, lines: lines.slice(firstLine - 1, line + LINES_AROUND) };
  } catch {
    return undefined;
  }
}
