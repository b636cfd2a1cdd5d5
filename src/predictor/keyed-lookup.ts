import { CachedLookup } from "./cached-lookup.ts";

/** How long "it does not say" counts: the predictor may be replaced by one that does. */
export const SILENCE_MS = 30_000;

/** Names of models come from hooks, so that their number is bounded by nothing else. */
const MAX_KEYS = 100;

/**
 * What a predictor says of each of its models: asked once for everybody and kept for good, and for a while where it says
 * nothing. Of more than a hundred models the first is forgotten.
 */
export class KeyedLookup<T> {
  readonly #load: (key: string) => Promise<T | undefined>;
  readonly #lookups: Map<string, CachedLookup<T | undefined>> = new Map();

  constructor(load: (key: string) => Promise<T | undefined>) {
    this.#load = load;
  }

  /** What is known of it already. */
  current(key: string): T | undefined {
    return this.#lookups.get(key)?.current;
  }

  get(key: string): Promise<T | undefined> {
    let lookup = this.#lookups.get(key);
    if (lookup === undefined) {
      lookup = new CachedLookup(
        () => this.#load(key),
        (value) => (value === undefined ? SILENCE_MS : Number.POSITIVE_INFINITY),
      );
      this.#lookups.set(key, lookup);
      const [first] = this.#lookups.keys();
      if (this.#lookups.size > MAX_KEYS && first !== undefined) this.#lookups.delete(first);
    }
    return lookup.get();
  }
}
