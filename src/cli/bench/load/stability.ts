import type { Window } from "./window.ts";

export const STABLE_WINDOWS = 3;

/**
 * True when the last three windows agree: the throughput of each, and its mean latency, lie within `percent` of the mean of the
 * three. It is the rule of Triton's perf_analyzer.
 * @see https://github.com/triton-inference-server/perf_analyzer/blob/main/docs/measurements_metrics.md
 */
export function isStable(windows: readonly Window[], percent: number): boolean {
  const last = windows.slice(-STABLE_WINDOWS);
  if (last.length < STABLE_WINDOWS || last.some(({ latencies }) => latencies.length === 0)) return false;
  return agree(last.map(throughput), percent) && agree(last.map(meanLatency), percent);
}

/** Requests that went well, per second. */
export function throughput({ latencies, seconds }: Window): number {
  return latencies.length / seconds;
}

function meanLatency({ latencies }: Window): number {
  return mean(latencies);
}

export function mean(values: readonly number[] | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function agree(values: readonly number[], percent: number): boolean {
  const middle = mean(values);
  return values.every((value) => Math.abs(value - middle) <= (middle * percent) / 100);
}
