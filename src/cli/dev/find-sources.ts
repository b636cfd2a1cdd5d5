import { readFileSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";

const CODE: ReadonlySet<string> = new Set([".ts", ".mts", ".js", ".mjs", ".cjs"]);
/** What an import may leave out, in the order in which loaders try it. */
const ENDINGS = ["", ".ts", ".mts", ".js", ".mjs", ".cjs", "/index.ts", "/index.js", "/index.mjs"];
const LITERAL = /(["'`])([^"'`\n$]{1,200})\1/g;
/** A larger file is data that nobody edits by hand. */
const MAX_BYTES = 1024 * 1024;

/**
 * The files that a module is made of: itself, what it imports by relative paths (and they in turn), and the files beside it
 * that a text in the code names, such as `./labels.json`. Packages are not followed.
 */
export function findSources(entry: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    if (CODE.has(extname(path))) waiting.push(...namedFiles(path));
  }
  return found;
}

function namedFiles(path: string): string[] {
  const names = [...readSmallFile(path).matchAll(LITERAL)].map(([, , text = ""]) => text);
  return names.flatMap((name) => {
    if (!/^[\w./-]+$/.test(name) || name.includes("node_modules")) return [];
    // TypeScript may import `./x.js` where `./x.ts` lies.
    const candidates = [...ENDINGS.map((ending) => name + ending), name.replace(/\.([mc]?)js$/, ".$1ts")];
    const file = candidates.map((candidate) => resolve(dirname(path), candidate)).find(isSmallFile);
    return file === undefined ? [] : [file];
  });
}

/** Empty for a file that has just been taken away. */
function readSmallFile(path: string): string {
  try {
    return isSmallFile(path) ? readFileSync(path, "utf8") : "";
  } catch {
    return "";
  }
}

function isSmallFile(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size <= MAX_BYTES;
}
