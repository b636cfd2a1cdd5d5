/**
 * How many retries there may be: each call earns a tenth of a retry, up to ten. A predictor that is down so gets at most a
 * tenth more calls, and never a storm (KServe #807).
 */
export class RetryBudget {
  #tokens = CAPACITY;

  /** A call was made. */
  earn(): void {
    this.#tokens = Math.min(CAPACITY, this.#tokens + EARNED_BY_CALL);
  }

  /** True when one more retry is within the budget; it is then spent. */
  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

const CAPACITY = 10;
const EARNED_BY_CALL = 0.1;

/** Milliseconds before the n-th retry (from 0): anything from nothing to 100 ms, doubled each time, at most 2 s. */
export function retryDelayMs(attempt: number): number {
  return Math.random() * Math.min(2000, 100 * 2 ** attempt);
}
