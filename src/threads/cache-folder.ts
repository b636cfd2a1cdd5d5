import { mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * Where compiled modules are kept from start to start. Of the user's own: what another user wrote there would run as this one's
 * code, as where a whole machine shares a home, or where root runs with a user's. Undefined where there is none: no HOME and no
 * entry in /etc/passwd, as clusters run containers; a home that does not exist, which is not made; one that cannot be written to.
 */
export function cacheFolder(uid: number | undefined = process.getuid?.(), own?: string): string | undefined {
  try {
    const home = own ?? homedir();
    if (!isAbsolute(home) || !statSync(home).isDirectory()) return undefined;
    const folder = join(home, ".cache", "kserve-transformer");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const owner = statSync(folder).uid;
    // Windows has no such numbers.
    return owner === 0 || owner === (uid ?? owner) ? folder : undefined;
  } catch {
    return undefined;
  }
}
