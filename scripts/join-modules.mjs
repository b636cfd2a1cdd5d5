/**
 * Joins the modules of dist/src into few files: Node finds, reads and links each file by itself, which was half of a start. Nothing
 * is minified, and a comment says where each module begins, for those who follow a stack. What entries, command and threads
 * share lies once in dist/src/joined/, so a class is the same class whichever way it came.
 *
 *     node scripts/join-modules.mjs FOLDER    FOLDER has package.json and dist/
 */
import { chmodSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { rollup } from "rollup";

/** A file beside the module that starts it as a thread or as a process. */
const STARTED = /new URL\(`(\.[\w./-]+)\$\{extname\(/g;

/**
 * @param {string} root Folder of package.json and dist/.
 * @throws Error for whatever rollup warns of.
 */
export default async function joinModules(root) {
  const source = resolve(root, "dist/src");
  const modules = readdirSync(source, { recursive: true })
    .filter((name) => name.endsWith(".js"))
    .map((name) => join(source, name));
  const entries = new Set([...publicFiles(root), ...modules.flatMap(startedFiles)]);
  const bundle = await rollup({
    input: Object.fromEntries([...entries].map((file) => [relative(source, file).replace(/\.js$/, ""), file])),
    external: (id) => !id.startsWith(".") && !id.startsWith("/"),
    plugins: [keepPlaces(source)],
    onwarn(warning) {
      // TypeScript's helper for imports of computed names asks for a "this" first, and does without.
      if (warning.code !== "THIS_IS_UNDEFINED") throw new Error(warning.message);
    },
  });
  for (const file of modules) rmSync(file);
  await bundle.write({
    dir: source,
    entryFileNames: "[name].js",
    // What is imported late has a file of its own, where it was.
    chunkFileNames: ({ isDynamicEntry, name, moduleIds }) => {
      const own = isDynamicEntry ? moduleIds.find((file) => basename(file, ".js") === name) : undefined;
      return own === undefined ? "joined/[name].js" : relative(source, own);
    },
    hoistTransitiveImports: false,
    minifyInternalExports: false,
  });
  await bundle.close();
  for (const path of Object.values(readManifest(root).bin)) chmodSync(resolve(root, path), 0o755);
}

/** What package.json names. */
function publicFiles(root) {
  const { exports, bin } = readManifest(root);
  const paths = [...Object.values(exports), ...Object.values(bin)].filter((path) => path.endsWith(".js"));
  return paths.map((path) => resolve(root, path));
}

function startedFiles(file) {
  return [...readFileSync(file, "utf8").matchAll(STARTED)].map(([, path]) => resolve(file, "..", `${path}.js`));
}

function readManifest(root) {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/** Each module keeps the place that it had: what it finds beside itself, and what stacks tell of it. */
function keepPlaces(source) {
  return {
    name: "keep-places",
    transform(code, id) {
      const imports = this.parse(code).body.filter(({ type }) => type === "ImportDeclaration");
      const end = imports.at(-1)?.end ?? (code.startsWith("#!") ? code.indexOf("\n") : 0);
      return { code: `${code.slice(0, end)}\n// ${relative(source, id)}\n${code.slice(end)}`, map: null };
    },
    resolveImportMeta(property, { chunkId, moduleId }) {
      if (property !== "url") return null;
      const path = relative(dirname(join(source, chunkId)), moduleId);
      if (path === basename(chunkId)) return null;
      return `new URL(${JSON.stringify(path.startsWith(".") ? path : `./${path}`)}, import.meta.url).href`;
    },
    // One character beyond Latin 1 makes the engine keep a whole file in two bytes a character.
    renderChunk: (code) => ({ code: code.replace(/[^\0-\x7f]/g, toEscape), map: null }),
  };
}

function toEscape(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await joinModules(process.argv[2] ?? ".");
