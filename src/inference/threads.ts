export interface ThreadTaskOptions {
  /** Buffers of the input that the thread takes over instead of copying them; they are empty here afterwards. */
  readonly transfer?: readonly ArrayBuffer[];
  /** A task that waits does not begin; the thread of one that runs is ended, unless `finishes`. */
  readonly signal?: AbortSignal;
  /** True for short tasks that are better finished than ended with their thread. @default false */
  readonly finishes?: boolean;
}

/** Work off the event loop, in a pool of threads. */
export interface Threads {
  /** Tasks that run at a time; 0 when there are no threads and tasks run on the event loop. */
  readonly size: number;
  /**
   * Calls the default export of a module with a structured clone of `input`. Typed arrays of what it returns are handed
   * over, not copied.
   * @throws what the module threw: an InferenceError as such, everything else as an Error with its name, message and stack.
   */
  run<Result>(module: URL | string, input: unknown, options?: ThreadTaskOptions): Promise<Result>;
}
