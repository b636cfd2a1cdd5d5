import { readFileSync } from "node:fs";
import module from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Jiti } from "jiti";
import { cacheFolder } from "./cache-folder.ts";
import { packageEntries } from "./package-entries.ts";

export type ModuleNamespace = Readonly<Record<string, unknown>>;

/**
 * Imports a user's module, wherever it lies: `kserve-transformer` and its sub-paths mean this very package. TypeScript is
 * read by Node itself where it can strip types (a tenth of the time and memory), else by jiti; jiti also reads what Node's
 * type stripping refuses: enums, imports without extensions, types imported as values.
 */
export async function importModule(path: string): Promise<ModuleNamespace> {
  const isTyped = isTypeScript(path);
  if (isTyped && !canStripTypes()) return importWithJiti(path);
  registerPackage();
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (!isTyped || !isRefusedByStripping(error)) throw error;
    return importWithJiti(path);
  }
}

function isTypeScript(path: string): boolean {
  return /\.m?ts$/.test(path);
}

function canStripTypes(): boolean {
  return Boolean((process.features as { readonly typescript?: unknown }).typescript);
}

/** Errors of linking, before any of the module ran. */
function isRefusedByStripping(error: unknown): boolean {
  return error instanceof SyntaxError || REFUSED.has((error as { readonly code?: string } | null)?.code ?? "");
}

const REFUSED: ReadonlySet<string> = new Set([
  "ERR_MODULE_NOT_FOUND",
  "ERR_UNSUPPORTED_DIR_IMPORT",
  "ERR_IMPORT_ATTRIBUTE_MISSING",
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
]);

/**
 * Does beforehand what importing these files will need, and runs none of them: loads the entries of this package that they
 * name, and compiles the first TypeScript file, since the compiler takes a quarter of a second for its first file and 10 ms for
 * the next. What a file has wrong is left to its import.
 */
export async function prepareImport(paths: Iterable<string>): Promise<void> {
  const files = [...paths].flatMap((path) => {
    try {
      return [{ path, text: readFileSync(path, "utf8") }];
    } catch {
      return [];
    }
  });
  const names = [...packageEntries()].filter(([name]) =>
    files.some(({ text }) => text.includes(`"${name}"`) || text.includes(`'${name}'`)),
  );
  await Promise.all(names.map(([, { href }]) => import(href)));
  const first = files.find(({ path }) => isTypeScript(path));
  if (first === undefined || canStripTypes()) return;
  try {
    // Past the cache, from which the file would come without the compiler.
    createLoader(first.path, false).transform({ source: first.text, filename: first.path, ts: true, async: true });
  } catch {}
}

/** @throws TypeError for a file that requires this package: jiti would make a second copy of it, of other classes. */
async function importWithJiti(path: string): Promise<ModuleNamespace> {
  if (REQUIRES_US.test(readFileSync(path, "utf8"))) throw new TypeError("an ES module cannot be required here");
  // It keeps nothing where it cannot write; its own default is a folder for all users of the machine.
  return createLoader(path, cacheFolder() ?? false).import<ModuleNamespace>(path);
}

const REQUIRES_US = /^[^/*\n]*\brequire\(\s*["']kserve-transformer["'/]/m;

function createLoader(path: string, fsCache: string | false): Jiti {
  // By require: an import would first have Node search its 190 kB of CommonJS for the names of its exports.
  const { createJiti } = module.createRequire(import.meta.url)("jiti") as typeof import("jiti");
  return createJiti(pathToFileURL(path).href, {
    fsCache,
    interopDefault: false,
    alias: Object.fromEntries([...packageEntries()].map(([name, url]) => [name, fileURLToPath(url)])),
  });
}

type Resolve = (specifier: string, context: unknown, next: (specifier: string, context: unknown) => unknown) => unknown;

/** Lets `kserve-transformer` be imported from any folder. Node 20 has such hooks only on a thread of their own. */
function registerPackage(): void {
  const entries = Object.fromEntries([...packageEntries()].map(([name, { href }]) => [name, href]));
  const { registerHooks } = module as { readonly registerHooks?: (hooks: { readonly resolve: Resolve }) => void };
  if (registerHooks === undefined) {
    module.register(`data:text/javascript,${encodeURIComponent(HOOKS_OF_NODE_20)}`, { data: entries });
    return;
  }
  registerHooks({
    resolve: (specifier, context, next) =>
      Object.hasOwn(entries, specifier) ? { url: entries[specifier], shortCircuit: true } : next(specifier, context),
  });
}

const HOOKS_OF_NODE_20 = `
let entries;
export const initialize = (data) => { entries = data; };
export const resolve = (specifier, context, next) =>
  Object.hasOwn(entries, specifier) ? { url: entries[specifier], shortCircuit: true } : next(specifier, context);
`;
