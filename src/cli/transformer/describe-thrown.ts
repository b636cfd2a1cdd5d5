import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
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
  // The compiler of TypeScript puts the package's file in the place of its name.
  const description = describeWithPlace(error, path, cwd).replace(
    /'[^']*\/src\/index\.[jt]s\//,
    "'kserve-transformer/",
  );
  const hint = await importHint(description, readFileSync(path, "utf8"), path);
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
    if (path.includes("node_modules") || /\/dist\/(src|transformers)\//.test(path)) continue;
    const parts = isInLine(path, Number(line), Number(column)) ? [line, column] : [line];
    return [relative(cwd, path), ...parts].join(":");
  }
  return undefined;
}

/** False for a column of the compiled text, which is longer than what the author wrote. */
function isInLine(path: string, line: number, column: number): boolean {
  if (Number.isNaN(column)) return false;
  if (!existsSync(path)) return true;
  return column <= (readFileSync(path, "utf8").split("\n")[line - 1] ?? "").length + 1;
}
