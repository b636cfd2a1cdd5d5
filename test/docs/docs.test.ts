import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

function filesBelow(folder: string, ending: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name));
}

const pages = [
  ...readdirSync(root)
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, name)),
  ...["docs", "transformers", "examples"].flatMap((folder) => filesBelow(folder, ".md")),
];
const sources = ["examples", "transformers", "test", "src"]
  .flatMap((folder) => filesBelow(folder, ".ts"))
  .map((file) => normal(readFileSync(file, "utf8")));
/** The repository's own, and those of a project that `init` makes. */
const scripts = ["package.json", "templates/common/_package.json"].flatMap((file) =>
  Object.keys((JSON.parse(readFileSync(join(root, file), "utf8")) as { scripts: object }).scripts),
);

const REPOSITORY_PATH = /`((?:bench|deploy|docs|examples|fuzz|scripts|src|templates|test|transformers)\/[\w./-]+)`/g;

/** Indentation aside, since a page may show the inside of a function. */
function normal(code: string): string {
  return code
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}

interface Block {
  readonly language: string;
  readonly text: string;
}

function blocks(page: string): Block[] {
  const found = readFileSync(page, "utf8").matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm);
  return [...found].map(([, language = "", text = ""]) => ({ language, text }));
}

describe.each(pages.map((page) => [relative(root, page), page]))("%s", (_name, page) => {
  const text = readFileSync(page, "utf8");

  test("every TypeScript block is code that is compiled and run somewhere", () => {
    const loose = blocks(page)
      .filter(({ language }) => language === "ts" || language === "typescript")
      .filter(({ text: code }) => !sources.some((source) => source.includes(normal(code))));
    expect(loose.map(({ text: code }) => code)).toEqual([]);
  });

  test("every link to a file leads somewhere", () => {
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target = ""]) => target);
    expect(links.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
  });

  test("every file of the repository that is named is there", () => {
    // Capitals stand for a name that the reader chooses; a changelog may name what is gone.
    const named = page.endsWith("CHANGELOG.md") ? [] : [...text.matchAll(REPOSITORY_PATH)].map(([, path = ""]) => path);
    const missing = named.filter((path) => !/[A-Z]{4}/.test(path) && !existsSync(join(root, path)));
    // A suite may be named without its ending.
    expect(missing.filter((path) => !existsSync(join(root, `${path}.test.ts`)))).toEqual([]);
  });

  test("every npm script that is named exists", () => {
    const named = [...text.matchAll(/npm run ([a-z][a-z:-]*)/g)].map(([, script = ""]) => script);
    expect(named.filter((script) => !scripts.includes(script))).toEqual([]);
  });
});
