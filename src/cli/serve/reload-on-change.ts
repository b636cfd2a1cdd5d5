import { readdirSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Logger } from "../../inference/request-context.ts";
import type { ServerHandle } from "../../server/serve.ts";

export interface ReloadOptions {
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly server: Pick<ServerHandle, "reload">;
  readonly log: Logger;
  /** @default 1000 */
  readonly intervalMs?: number;
}

/**
 * Looks at the files again and again and reloads when they have changed and then stayed so for one look. Kubernetes renews a
 * mounted ConfigMap by moving a link, which tells watchers of the files nothing.
 * @returns what ends it
 */
export function startReloading({ paths, cwd, server, log, intervalMs = 1000 }: ReloadOptions): () => void {
  let served = stateOf(paths, cwd);
  let seen = served;
  let running = false;
  const look = async (): Promise<void> => {
    const now = stateOf(paths, cwd);
    const isSettled = now === seen;
    seen = now;
    if (now === served || !isSettled || running) return;
    running = true;
    served = now;
    try {
      await server.reload();
      log.info({ paths }, "files have changed: a new transformer serves");
    } catch (error) {
      log.error({ error, paths }, "files have changed, and the new transformer failed: the old one serves on");
    } finally {
      running = false;
    }
  };
  const timer = setInterval(() => void look(), intervalMs).unref();
  return () => clearInterval(timer);
}

/** Which file each path is, and how each was written last; a file that is away for a moment has a state too. */
function stateOf(paths: readonly string[], cwd: string): string {
  return paths.map((path) => describe(resolve(cwd, path))).join("\n");
}

function describe(path: string): string {
  try {
    const { size, mtimeMs, ino } = statSync(path);
    const real = realpathSync(path);
    if (!statSync(path).isDirectory()) return `${path} ${real} ${ino} ${size} ${mtimeMs}`;
    const inside = readdirSync(path).sort();
    return [`${path} ${real}`, ...inside.map((name) => describe(join(path, name)))].join("\n");
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code}`;
  }
}
