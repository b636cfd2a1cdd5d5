import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { importHint } from "./import-hint.ts";

const PLACE = /(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/])[^\s():]*\.[cm]?[jt]s):(\d+)(?::(\d+))?/g;

/** The message of what a user's module threw, and where: the first place outside of packages that its stack names. */
export function describeThrown(error: unknown, cwd: string): string {
  if (!(error instanceof Error)) return String(error);
  const isParseError = error.message.startsWith("ParseError: ");
  const [message = ""] = error.message.replace(/^ParseError: /, "").split("\n");
  const place = findPlace(`${error.stack ?? ""}\n${error.message}`, cwd);
  return `${isParseError ? "SyntaxError" : error.name}: ${message.trim()}${place === undefined ? "" : ` (${place})`}`;
}

/** As `describeThrown`, for an import of `path`, with what to write instead where that is known. */
export async function describeImportFailure(error: unknown, path: string, cwd: string): Promise<string> {
  const description = describeWithPlace(error, path, cwd);
  const hint = await importHint(description, readFileSync(path, "utf8"));
  return hint === undefined ? description : `${description}: ${hint}`;
}

/** A syntax error of JavaScript says where it is only to whom asks for a check. */
function describeWithPlace(error: unknown, path: string, cwd: string): string {
  const description = describeThrown(error, cwd);
  if (!(error instanceof SyntaxError) || description.endsWith(")")) return description;
  const { stderr } = spawnSync(process.execPath, ["--check", path], { encoding: "utf8" });
  const place = findPlace(stderr, cwd);
  return place === undefined ? description : `${description} (${place})`;
}

function findPlace(text: string, cwd: string): string | undefined {
  for (const [, path = "", line, column] of text.matchAll(PLACE)) {
    if (path.includes("node_modules") || path.includes("/dist/src/")) continue;
    return [relative(cwd, path), line, column].filter((part) => part !== undefined).join(":");
  }
  return undefined;
}
