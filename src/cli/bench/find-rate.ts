import type { Window } from "./load/window.ts";

export interface FindRateOptions {
  /** Requests per second to begin with. */
  readonly first: number;
  /** Below it no rate is tried. */
  readonly least: number;
  /** Loads the server at a rate; true where it keeps the objective. */
  readonly keeps: (rate: number) => Promise<boolean>;
  readonly signal: AbortSignal;
}

export interface FoundRate {
  /** The largest rate that was tried and kept the objective; undefined where none did. */
  readonly rate: number | undefined;
  /** The smallest one above it that did not. */
  readonly missed: number | undefined;
}

/** The largest rate lies within 5 % above the one that is found. */
const PRECISION = 1.05;
/** Nobody keeps an objective at this rate from one machine: the server does not work. */
const MOST = 1_000_000;

/** Doubles the rate until the objective is missed, or halves it until it is kept, and bisects between the two. */
export async function findRate({ first, least, keeps, signal }: FindRateOptions): Promise<FoundRate> {
  let rate: number | undefined;
  let missed: number | undefined;
  let next = round(Math.max(first, least));
  while (!signal.aborted && next <= MOST) {
    const kept = await keeps(next);
    // A level that a signal cut short says nothing.
    if (signal.aborted) break;
    if (kept) rate = next;
    else missed = next;
    if (rate === undefined) {
      if (next <= least) break;
      next = round(Math.max(next / 2, least));
    } else if (missed === undefined) next = round(next * 2);
    else if (missed / rate <= PRECISION) break;
    else {
      const middle = round((rate + missed) / 2);
      if (middle === rate || middle === missed) break;
      next = middle;
    }
  }
  return { rate, missed };
}

/** Three digits. */
function round(rate: number): number {
  return Number(rate.toPrecision(3));
}

/** Share of the requests that an objective for p99 is about. */
const SHARE = 0.99;
/** A server that completes less than this share of the rate falls behind, however fast its responses are. */
const KEPT_SHARE = 0.95;

/**
 * True when 99 of 100 requests ended well within the milliseconds, and nearly as many ended as were due. A request that fails, or
 * still waits for a connection, counts as one that took too long.
 */
export function keepsObjective(window: Window, rate: number, milliseconds: number): boolean {
  const { latencies, failed, waiting, seconds } = window;
  let good = 0;
  for (const latency of latencies) if (latency <= milliseconds) good += 1;
  const all = latencies.length + failed + waiting;
  const isFastEnough = all > 0 && good >= Math.ceil(all * SHARE);
  return isFastEnough && latencies.length + failed >= rate * seconds * KEPT_SHARE - 1;
}
