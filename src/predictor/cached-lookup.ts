/**
 * A value that is looked up once for everybody: callers at the same time share one look-up, a success is kept, a failure is
 * tried again by the next caller.
 */
export class CachedLookup<T> {
  readonly #load: () => Promise<T>;
  readonly #keepMs: (value: T) => number;
  #pending: Promise<T> | undefined;
  #known: { readonly value: T; readonly until: number } | undefined;

  /** `keepMs` says how long a value counts; infinity is for good. */
  constructor(load: () => Promise<T>, keepMs: (value: T) => number) {
    this.#load = load;
    this.#keepMs = keepMs;
  }

  /** The value, where it is known already. */
  get current(): T | undefined {
    return this.#known !== undefined && performance.now() < this.#known.until ? this.#known.value : undefined;
  }

  get(): Promise<T> {
    const { current } = this;
    if (current !== undefined || (this.#known !== undefined && performance.now() < this.#known.until)) {
      return Promise.resolve(current as T);
    }
    this.#pending ??= this.#load()
      .then((value) => {
        this.#known = { value, until: performance.now() + this.#keepMs(value) };
        return value;
      })
      .finally(() => {
        this.#pending = undefined;
      });
    return this.#pending;
  }
}
