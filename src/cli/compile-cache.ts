import module from "node:module";
import { cacheFolder } from "../threads/cache-folder.ts";
import type { Environment } from "./flags/environment.ts";

interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
}

/**
 * Has Node keep what it compiled, and the TypeScript whose types it stripped, for the next start: that one takes less time, and the
 * memory of the compiler of types never. Nothing where Node cannot (before 22.1), where its own variables say otherwise, and
 * where the folder cannot be written to.
 */
export function keepCompiledModules(env: Environment): void {
  const { enableCompileCache } = module as CompileCache;
  if (enableCompileCache === undefined || env["NODE_COMPILE_CACHE"] || env["NODE_DISABLE_COMPILE_CACHE"]) return;
  const folder = cacheFolder();
  if (folder !== undefined) enableCompileCache(folder);
}
