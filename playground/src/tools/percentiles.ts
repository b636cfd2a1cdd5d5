/** One repeated request. */
export interface Call {
  readonly startMs: number;
  readonly milliseconds: number;
  /** 0 where no response came. */
  readonly status: number;
}

export interface Percentiles {
  readonly quantiles: readonly { readonly name: string; readonly milliseconds: number }[];
  readonly perSecond: number;
  readonly failures: number;
}

const QUANTILES = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["max", 1],
] as const;

/** Nearest-rank percentiles: the value that so many of the calls did not exceed. */
export function percentiles(calls: readonly Call[]): Percentiles {
  const times = calls.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
  const end = Math.max(...calls.map(({ startMs, milliseconds }) => startMs + milliseconds));
  return {
    quantiles: QUANTILES.map(([name, share]) => ({
      name,
      milliseconds: times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? 0,
    })),
    perSecond: (calls.length / end) * 1000,
    failures: calls.filter(({ status }) => status === 0 || status >= 400).length,
  };
}
