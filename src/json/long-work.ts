import { resume } from "../resumable.ts";
import type { Turns } from "../turns.ts";

/** Below it everything is read at once. */
export const LARGE_TEXT: number = 512 * 1024;

/** Thrown by a reader that is asked, in turns, for what takes long: the work, to be done before asking again. */
export class LongWork {
  readonly run: (turns: Turns) => Promise<void>;

  constructor(run: (turns: Turns) => Promise<void>) {
    this.run = run;
  }
}

/**
 * What took long, by where it stands in the text. While `inTurns` is set, work on large text is not done when it is asked for but thrown
 * as `LongWork`; its result is there when it is asked for again.
 */
export class LongResults {
  inTurns = false;
  readonly #results = new Map<string, () => unknown>();

  /**
   * The result, if there is one.
   * @param key says what it is of; the same key stands for the same `T`.
   * @throws what the work has thrown; LongWork.
   */
  get<T>(key: string, bytes: number, work: (turns: Turns) => Promise<T>): T | undefined {
    const result = this.#results.get(key);
    if (result !== undefined) return result() as T;
    if (!this.inTurns || bytes < LARGE_TEXT) return undefined;
    throw new LongWork(async (turns) => {
      try {
        const value = await work(turns);
        this.#results.set(key, () => value);
      } catch (error) {
        if (turns.isAborted) throw error;
        this.#results.set(key, () => {
          throw error;
        });
      }
    });
  }
}

/** Reads with the long work done in turns. @param results those of the text; a small one has none. */
export async function readInTurns<T>(results: LongResults | undefined, turns: Turns, read: () => T): Promise<T> {
  // A small text, as the JSON in front of binary tensors, has no long work.
  if (results === undefined) return resume(turns, read);
  for (;;) {
    results.inTurns = true;
    try {
      return await resume(turns, read);
    } catch (thrown) {
      if (!(thrown instanceof LongWork)) throw thrown;
      results.inTurns = false;
      await thrown.run(turns);
    } finally {
      results.inTurns = false;
    }
  }
}
