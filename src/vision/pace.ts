import { setImmediate } from "node:timers/promises";

const SLICE_MS = 8;

/** Long work on the event loop, in slices: `if (pace.isDue) await pace.rest();` lets other requests in. */
export class Pace {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  get isDue(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  /** @throws the signal's reason once it is aborted. */
  async rest(): Promise<void> {
    await setImmediate();
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}
