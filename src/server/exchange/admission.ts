import { InferenceError } from "../../errors.ts";
import { cancellation } from "../../policy/deadline.ts";

export interface AdmissionLimits {
  /** Requests answered at a time; 0 is no bound. */
  readonly maxConcurrency: number;
  /** Requests that may wait for a place. */
  readonly maxQueue: number;
}

/** Lets so many requests in at a time and so many wait; the rest is refused at once, before it costs anything. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get isBounded(): boolean {
    return this.#limits.maxConcurrency > 0;
  }

  /** True when the next request has to wait. */
  get isFull(): boolean {
    return this.isBounded && this.#inside >= this.#limits.maxConcurrency;
  }

  /** Requests that wait for a place. */
  get queued(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves when there is a place; `leave` gives it back.
   * @throws InferenceError unavailable with Retry-After when the queue is full, cancelled when the client leaves it.
   */
  async enter(signal: () => AbortSignal): Promise<void> {
    const { maxConcurrency, maxQueue } = this.#limits;
    if (maxConcurrency === 0 || this.#inside < maxConcurrency) {
      this.#inside += 1;
      return;
    }
    if (this.#waiting.size >= maxQueue) {
      throw new InferenceError(
        `${this.#inside} requests are being answered (max_concurrency) and ${this.#waiting.size} wait (max_queue)`,
        { code: "unavailable", headers: { "retry-after": "1" } },
      );
    }
    await this.#wait(signal());
  }

  leave(): void {
    const [next] = this.#waiting;
    // The place goes to the next in line without ever being free, or a newcomer could take it.
    if (next === undefined) this.#inside -= 1;
    else next();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        this.#waiting.delete(enter);
        signal.removeEventListener("abort", give);
        resolve();
      };
      const give = (): void => {
        this.#waiting.delete(enter);
        reject(cancellation(signal));
      };
      if (signal.aborted) {
        reject(cancellation(signal));
        return;
      }
      signal.addEventListener("abort", give, { once: true });
      this.#waiting.add(enter);
    });
  }
}
