import { createHash } from "node:crypto";
import { existsSync, type FSWatcher, readFileSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findSources } from "./find-sources.ts";

/** Editors make several events of one save, which count as one. */
const SETTLE_MS = 40;

/** Watches the files that a module is made of; a file that is written without a change is no change. */
export class SourceWatcher {
  readonly #entry: string;
  readonly #watchers = new Map<string, FSWatcher>();
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
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#wake?.();
  }

  /** Reads which files there are now and what is in them; folders, not files, are watched, since editors save by renaming. */
  #look(): void {
    const sources = findSources(this.#entry);
    this.#digests = new Map([...sources].map((path) => [path, digest(path)]));
    for (const folder of new Set([...sources].map((path) => dirname(path)))) {
      if (this.#watchers.has(folder) || !existsSync(folder)) continue;
      this.#watchers.set(
        folder,
        watch(folder, (_event, file) => {
          if (file !== null && this.#digests.has(join(folder, basename(file)))) this.#settle();
        }),
      );
    }
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

function digest(path: string): string {
  if (!existsSync(path)) return "";
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
