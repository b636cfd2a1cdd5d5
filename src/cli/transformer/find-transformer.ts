import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type InferenceError, invalidArgument } from "../../errors.ts";
import { nearestName } from "../../nearest-name.ts";
import { modelFolderKind } from "./model-folders.ts";

/** A module that should hold a transformer. */
export interface FoundTransformer {
  readonly path: string;
  /** What the user calls it: `clothing.ts`, `image`. */
  readonly label: string;
  /** True for one of this package. */
  readonly shipped: boolean;
  /** What it is told beside the environment: the model's folder that it was found by. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The module that a word means: a file, a folder with one module in it, a model's folder, or the name of a shipped transformer. Without a word
 * it is the one module of the working folder; that is how an image serves the file that was copied into it.
 * @throws InferenceError invalid_argument that says what there is instead.
 */
export function findTransformer(word: string | undefined, cwd: string): FoundTransformer {
  if (word === undefined) return findInFolder(cwd, "the working folder");
  const shipped = /^[a-z][a-z0-9-]*$/.test(word) ? shippedPath(word) : undefined;
  if (shipped !== undefined) return { path: shipped, label: word, shipped: true };
  const path = resolve(cwd, word);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return findInFolder(path, word);
  if (stats === undefined) throw noSuchFile(word, path, cwd);
  if (!EXTENSIONS.has(extname(path))) throw invalidArgument(`${word}: expected a .ts, .js or .mjs file${hintOf(word)}`);
  if (isTest(path)) {
    const tested = word.replace(/\.(test|spec)(?=\.\w+$)/, "");
    const hint = existsSync(resolve(cwd, tested)) ? `: did you mean ${tested}?` : "";
    throw invalidArgument(`${word}: expected a transformer's file, got a test${hint}`);
  }
  return { path, label: basename(path), shipped: false };
}

function noSuchFile(word: string, path: string, cwd: string): InferenceError {
  const near = nearestFile(path) ?? nearestName(word, shippedNames());
  const no = `no file ${JSON.stringify(word)} in ${cwd}`;
  if (near !== undefined) return invalidArgument(`${no}: did you mean ${join(dirname(word), near)}?`);
  return invalidArgument(`${no}, and no shipped transformer of that name (there are: ${shippedNames().join(", ")})`);
}

/** A file of the same name with an extension, or of almost the same name. */
function nearestFile(path: string): string | undefined {
  const files = existsSync(dirname(path)) ? modulesIn(dirname(path)) : [];
  const name = basename(path);
  return files.find((file) => file.replace(/\.[a-z]+$/, "") === name) ?? nearestName(name, files);
}

/** What to do with a file that people take for a transformer's. */
function hintOf(word: string): string {
  if (word.endsWith(".py")) return "; a transformer written in Python is served by KServe's Python SDK";
  if (word.endsWith(".onnx")) return `; a model goes behind a transformer: serve FILE.ts --predictor onnx:${word}`;
  return "";
}

const isTest = (file: string): boolean => /\.(test|spec)\.[a-z]+$/.test(file);

function modulesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && EXTENSIONS.has(extname(entry.name)))
    .map((entry) => entry.name)
    .filter((file) => !isTest(file) && !/^\.|\.d\.ts$|\.config\.[a-z]+$/.test(file))
    .sort();
}

const EXTENSIONS: ReadonlySet<string> = new Set([".ts", ".js", ".mjs"]);

function findInFolder(folder: string, name: string): FoundTransformer {
  const modules = modulesIn(folder);
  const [only, ...others] = modules;
  const kind = only === undefined ? modelFolderKind(folder, name) : undefined;
  const served = kind && shippedPath(kind.transformer);
  if (kind !== undefined && served !== undefined) {
    return { path: served, label: kind.transformer, shipped: true, env: { [kind.variable]: folder } };
  }
  if (only === undefined) {
    throw invalidArgument(
      `no transformer: ${name} (${folder}) has no .ts, .js or .mjs file${readdirSync(folder).some(isTest) ? " beside its tests" : ""} and is no model's folder; name a file or a shipped transformer (${shippedNames().join(", ")}) ` +
        "as the argument or in the environment variable TRANSFORMER",
    );
  }
  if (others.length > 0) {
    throw invalidArgument(
      `which transformer? ${name} (${folder}) has ${modules.join(", ")}; name one as the argument or in the environment variable TRANSFORMER`,
    );
  }
  return { path: join(folder, only), label: only, shipped: false };
}

/** `transformers/` beside `src/`, in the source as in what is built. */
const SHIPPED = new URL("../../../transformers/", import.meta.url);

function shippedPath(name: string): string | undefined {
  const path = fileURLToPath(new URL(`${name}/transformer${extname(import.meta.url)}`, SHIPPED));
  return existsSync(path) ? path : undefined;
}

function shippedNames(): readonly string[] {
  const folder = fileURLToPath(SHIPPED);
  return existsSync(folder) ? readdirSync(folder).filter((name) => shippedPath(name) !== undefined) : [];
}
