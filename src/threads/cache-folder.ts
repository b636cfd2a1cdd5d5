import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where compiled modules are kept from start to start. Of the user's own: folders that all users of a machine share hold what
 * others wrote. Undefined for a user without a home (no HOME and no entry in /etc/passwd, as clusters run containers); it may
 * be one that cannot be written to.
 */
export function cacheFolder(): string | undefined {
  try {
    return join(homedir(), ".cache", "kserve-transformer");
  } catch {
    return undefined;
  }
}
