import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../threads/package-entries.ts";

interface HiddenLock {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>;
}

/**
 * What a project depends on, so that `npm install` finds the package that `init` ran from: its folder where that is a
 * checkout, the packed file where npm installed it from one, else the version in the registry.
 */
export function findPackageSpecification(folder: string): string {
  const root = fileURLToPath(packageRoot());
  // A package that npm installed has no sources.
  if (existsSync(join(root, "src/index.ts"))) return `file:${relative(folder, root)}`;
  const packed = packedFile(root);
  if (packed !== undefined) return `file:${relative(folder, packed)}`;
  return `^${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version}`;
}

/** npm keeps in node_modules/.package-lock.json where each package came from, relative to the folder above. */
function packedFile(root: string): string | undefined {
  const lock = resolve(root, "../.package-lock.json");
  if (!existsSync(lock)) return undefined;
  const { packages = {} } = JSON.parse(readFileSync(lock, "utf8")) as HiddenLock;
  const resolved = packages["node_modules/kserve-transformer"]?.resolved;
  if (resolved?.startsWith("file:") !== true) return undefined;
  const file = resolve(root, "../..", resolved.slice("file:".length));
  return existsSync(file) ? file : undefined;
}

/** A path that was given is one from the working folder, and becomes one from the project's: npm reads it so. */
export function toProjectSpecification(given: string, cwd: string, folder: string): string {
  const path = given.startsWith("file:") ? given.slice("file:".length) : given;
  const isPath = given.startsWith("file:") || /^\.{0,2}\//.test(given) || given.endsWith(".tgz");
  if (!isPath || /^https?:/.test(given)) return given;
  return `file:${isAbsolute(path) ? path : relative(folder, resolve(cwd, path))}`;
}
