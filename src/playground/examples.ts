import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, parse } from "node:path";

/** One request to try: a picture, a text, or rows. */
export interface ExampleSummary {
  readonly name: string;
  readonly kind: "picture" | "text" | "json";
  /** Below the page: where its bytes are. */
  readonly href: string;
  /** File's name, for commands that send it. */
  readonly file: string;
}

export interface Example {
  readonly name: string;
  readonly kind: ExampleSummary["kind"];
  readonly file: string;
  readonly contentType: string;
  read(): Uint8Array;
}

const PICTURES: Readonly<Record<string, string>> = {
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
  ".gif": "image/gif",
  ".avif": "image/avif",
};
const MAX_EXAMPLES = 60;
const MAX_BYTES = 5 * 1024 * 1024;

/** The pictures, texts (.txt) and JSON files among these files and in these folders, by name; what is not there is left out. */
export function readExamples(paths: readonly string[]): Example[] {
  const files = paths.flatMap((path) => {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
    return readdirSync(path)
      .sort()
      .map((name) => join(path, name));
  });
  const examples: Example[] = [];
  for (const path of files) {
    const extension = extname(path).toLowerCase();
    const contentType = PICTURES[extension] ?? OTHERS[extension];
    if (contentType === undefined || !isSmallFile(path)) continue;
    const kind = extension in PICTURES ? "picture" : extension === ".txt" ? "text" : "json";
    const { base: file, name } = parse(path);
    examples.push({ name, kind, file, contentType, read: () => readFileSync(path) });
    if (examples.length === MAX_EXAMPLES) break;
  }
  return examples;
}

function isSmallFile(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size <= MAX_BYTES;
}

const OTHERS: Readonly<Record<string, string>> = { ".txt": "text/plain; charset=utf-8", ".json": "application/json" };

/** `static examples` of a transformer's class: rows, or whole requests, by name. */
export function declaredExamples(transformer: object): Example[] {
  const { examples } = transformer.constructor as { readonly examples?: unknown };
  if (typeof examples !== "object" || examples === null) return [];
  return Object.entries(examples).map(([name, value]) => ({
    name,
    kind: typeof value === "string" ? "text" : "json",
    file: `${name}.json`,
    contentType: typeof value === "string" ? "text/plain; charset=utf-8" : "application/json",
    read: () => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)),
  }));
}
