import { createHash } from "node:crypto";
import { existsSync, type FSWatcher, readFileSync, watch } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { findSources } from "./find-sources.ts";

/** Editors make several events of one save, which count as one. */
const SETTLE_MS = 40;

/** Watches the files that a module is made of; a file that is written without a change is no change. */
export class SourceWatcher {
  readonly #entry: string;
  #watchers: FSWatcher[] = [];
  #digests = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #changed: string | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(entry: string) {
    this.#entry = entry;
    this.#look();
  }

  /** The next file that changes, or has since the last call; undefined once closed. */
  async next(): Promise<string | undefined> {
    if (this.#changed === undefined && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const changed = this.#changed;
    this.#changed = undefined;
    return this.#closed ? undefined : changed;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    this.#wake?.();
  }

  /** Reads which files there are now and what is in them; folders, not files, are watched, since editors save by renaming. */
  #look(): void {
    // A file that was taken away is waited for: what imports it cannot do without it.
    const gone = [...this.#digests.keys()].filter((path) => !existsSync(path));
    const sources = new Set([...findSources(this.#entry), ...gone]);
    // A folder that was taken away and made again is another one, which the watcher before does not see.
    for (const watcher of this.#watchers) watcher.close();
    const folders = new Set([...sources].map(nearestFolder));
    this.#watchers = [...folders].map((folder) =>
      watch(folder, (_event, file) => {
        if (file === null || !existsSync(folder) || this.#holds(join(folder, basename(file)))) this.#settle();
      }),
    );
    this.#digests = new Map([...sources].map((path) => [path, digest(path)]));
  }

  /** True for a source, and for a folder that sources are in. */
  #holds(path: string): boolean {
    return this.#digests.has(path) || [...this.#digests.keys()].some((source) => source.startsWith(path + sep));
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const changed = [...this.#digests].find(([path, known]) => digest(path) !== known)?.[0];
      if (changed === undefined) return;
      this.#look();
      this.#changed = changed;
      this.#wake?.();
    }, SETTLE_MS);
  }
}

/** Empty for a file that is not there, or no longer. */
function digest(path: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    return "";
  }
}

function nearestFolder(path: string): string {
  let folder = dirname(path);
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}
