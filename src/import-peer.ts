import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { createJiti } from "jiti";
import { type ErrorCode, InferenceError } from "./errors.ts";

/** Where optional packages are looked for after this package's own surroundings. */
const folders = new Set<string>();

/** Adds a folder whose packages may be used, and those of the folders around it: that of the user's module. */
export function addPeerFolder(folder: string): void {
  folders.add(folder);
}

/** Those that were added; a thread has none of its own. */
export function peerFolders(): readonly string[] {
  return [...folders];
}

/**
 * An optional package, from beside this one or from a folder that was added: an image has this package in one place and the
 * user's in another.
 * @param missing The message where it is in none of them; it names the command that installs it.
 * @throws InferenceError of `code` where it is missing, internal where it is there and cannot be loaded.
 */
export async function importPeer<Module>(
  name: string,
  missing: string,
  code: ErrorCode = "unimplemented",
): Promise<Module> {
  try {
    return (await importFrom(name)) as Module;
  } catch (cause) {
    if (isMissing(cause, name)) throw new InferenceError(missing, { code, cause });
    throw new InferenceError(`${name} cannot be loaded: ${(cause as Error).message}`, { cause });
  }
}

async function importFrom(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    const url = isMissing(error, name) ? findPeer(name) : undefined;
    if (url === undefined) throw error;
    return import(url);
  }
}

function findPeer(name: string): string | undefined {
  if (folders.size === 0) return undefined;
  // Node resolves from another folder only for `require`, which does not see packages that have ES modules alone.
  const jiti = createRequire(import.meta.url)("jiti") as { readonly createJiti: typeof createJiti };
  for (const folder of folders) {
    const from = pathToFileURL(join(folder, "package.json")).href;
    const url: string | undefined = jiti.createJiti(from).esmResolve(name, { try: true });
    if (url !== undefined) return url;
  }
  return undefined;
}

function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message.includes(name);
}
