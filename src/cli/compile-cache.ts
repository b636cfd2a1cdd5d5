import module from "node:module";
import { cacheFolder } from "../threads/cache-folder.ts";

/**
 * Has Node keep what it compiled, and the TypeScript whose types it stripped, for the next start: that one takes less time, and the
 * memory of the compiler of types never. Nothing where Node cannot (before 22.1), where it does already, and where the folder
 * cannot be written to.
 */
export function keepCompiledModules(): void {
  const { enableCompileCache } = module as { readonly enableCompileCache?: (folder: string) => unknown };
  const folder = cacheFolder();
  if (folder !== undefined) enableCompileCache?.(folder);
}
