import type { Outcome } from "../load-client.ts";

export interface FailureCount {
  readonly count: number;
  /** What the first of them said. */
  readonly message: string;
}

/** What ended within a stretch of time. */
export interface Window {
  readonly seconds: number;
  /** Milliseconds of the requests that went well, in the order of their ends. */
  readonly latencies: readonly number[];
  readonly failed: number;
  /** By kind. */
  readonly failures: ReadonlyMap<string, FailureCount>;
  /** Milliseconds by the names of `Server-Timing`. */
  readonly serverTimings: ReadonlyMap<string, readonly number[]>;
  /** Milliseconds by which requests went out later than due although a connection was free; empty without a rate. */
  readonly lags: readonly number[];
  /** Requests that were due and not sent, for want of a free connection, when it ended. */
  readonly waiting: number;
}

/** Counts outcomes up to `close`. Sorts nothing: the load goes on behind it, and would wait. */
export class WindowRecorder {
  readonly #from: number;
  readonly #latencies: number[] = [];
  readonly #failures = new Map<string, FailureCount>();
  readonly #serverTimings = new Map<string, number[]>();
  readonly #lags: number[] = [];
  #failed = 0;

  /** @param from `performance.now()` of its beginning */
  constructor(from: number) {
    this.#from = from;
  }

  record({ failure, serverTiming }: Outcome, milliseconds: number): void {
    if (serverTiming !== undefined) this.#addServerTiming(serverTiming);
    if (failure === undefined) {
      this.#latencies.push(milliseconds);
      return;
    }
    const { count, message } = this.#failures.get(failure.kind) ?? { count: 0, message: failure.message };
    this.#failures.set(failure.kind, { count: count + 1, message });
    this.#failed += 1;
  }

  recordLag(milliseconds: number): void {
    this.#lags.push(milliseconds);
  }

  close(to: number, waiting: number): Window {
    return {
      seconds: (to - this.#from) / 1000,
      latencies: this.#latencies,
      failed: this.#failed,
      failures: this.#failures,
      serverTimings: this.#serverTimings,
      lags: this.#lags,
      waiting,
    };
  }

  /** @see https://www.w3.org/TR/server-timing/#the-server-timing-header-field */
  #addServerTiming(text: string): void {
    for (const [, name = "", duration = ""] of text.matchAll(/([\w!#$%&'*+.^`|~-]+)\s*;[^,]*?\bdur=([\d.]+)/g)) {
      const times = this.#serverTimings.get(name);
      if (times === undefined) this.#serverTimings.set(name, [Number(duration)]);
      else times.push(Number(duration));
    }
  }
}

/** Several windows as one. */
export function mergeWindows(windows: readonly Window[]): Window {
  const failures = new Map<string, FailureCount>();
  const serverTimings = new Map<string, readonly number[]>();
  for (const window of windows) {
    for (const [kind, { count, message }] of window.failures) {
      const earlier = failures.get(kind);
      failures.set(kind, { count: count + (earlier?.count ?? 0), message: earlier?.message ?? message });
    }
    for (const [name, times] of window.serverTimings) {
      serverTimings.set(name, [...(serverTimings.get(name) ?? []), ...times]);
    }
  }
  return {
    seconds: windows.reduce((sum, { seconds }) => sum + seconds, 0),
    latencies: windows.flatMap(({ latencies }) => latencies),
    failed: windows.reduce((sum, { failed }) => sum + failed, 0),
    failures,
    serverTimings,
    lags: windows.flatMap(({ lags }) => lags),
    waiting: windows.at(-1)?.waiting ?? 0,
  };
}
