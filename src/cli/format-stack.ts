import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

interface Frame {
  readonly text: string;
  /** Undefined for frames of Node, of packages and of this one. */
  readonly place: { readonly path: string; readonly line: number; readonly column: number } | undefined;
}

const CONTEXT_LINES = 2;

/**
 * Stacks for people, an error's and those of its causes: message, the user's own frames first, the code around the first of
 * them; frames of the framework, of packages and of Node are counted, not listed. "internal error" steps back behind what
 * caused it.
 */
export function formatStack(stacks: readonly string[], cwd: string): string {
  const telling =
    stacks.length > 1 ? stacks.filter((stack) => !/^\w*Error: internal error(?:\n|$)/.test(stack)) : stacks;
  return telling.map((part, index) => `${index === 0 ? "" : "caused by "}${formatPart(part, cwd)}`).join("\n");
}

function formatPart(part: string, cwd: string): string {
  const lines = part.split("\n");
  const first = lines.findIndex((line) => /^\s+at /.test(line));
  const message = (first < 0 ? lines : lines.slice(0, first)).join("\n");
  const frames = first < 0 ? [] : lines.slice(first).map(parseFrame);
  const own = frames.filter(({ place }) => place !== undefined);
  const others = frames.length - own.length;
  const [top] = own;
  return [
    message,
    ...own.map(({ text }) => `    ${relativePath(text, cwd)}`),
    ...(top?.place === undefined ? [] : codeFrame(top.place)),
    ...(others === 0 ? [] : [`    … ${others} frame${others === 1 ? "" : "s"} of the framework and of Node`]),
  ].join("\n");
}

function parseFrame(line: string): Frame {
  const text = line.trim();
  const [, where = "", row, column] =
    /(?:^at (?:async )?|\()((?:file:\/\/)?\/[^():]*|[A-Za-z]:[\\/][^():]*):(\d+):(\d+)\)?$/.exec(text) ?? [];
  const path = where.startsWith("file:") ? fileURLToPath(where) : where;
  const foreign = path === "" || path.includes("node_modules") || /\/dist\/(src|transformers)\//.test(path);
  return { text, place: foreign ? undefined : { path, line: Number(row), column: Number(column) } };
}

function relativePath(text: string, cwd: string): string {
  return text.replace(/(?:file:\/\/)?(\/[^():]*)(?=:\d+:\d+)/, (_all, path: string) => relative(cwd, path) || path);
}

function codeFrame({ path, line, column }: NonNullable<Frame["place"]>): readonly string[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  const from = Math.max(1, line - CONTEXT_LINES);
  const to = Math.min(lines.length, line + CONTEXT_LINES);
  const width = String(to).length;
  const shown: string[] = [""];
  for (let number = from; number <= to; number++) {
    const code = lines[number - 1] ?? "";
    shown.push(`${number === line ? "  > " : "    "}${String(number).padStart(width)} | ${code}`);
    if (number === line) shown.push(`    ${" ".repeat(width)} | ${" ".repeat(Math.max(0, column - 1))}^`);
  }
  return [...shown, ""];
}
