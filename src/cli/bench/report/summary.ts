import { percentile } from "../../infer/measure.ts";
import type { LevelResult } from "../load/run-level.ts";
import { mean, throughput } from "../load/stability.ts";
import type { FailureCount, Window } from "../load/window.ts";

/** The load of one level: so many clients, or so many requests a second. */
export type Level = { readonly concurrency: number } | { readonly rate: number };

/** Milliseconds. */
export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface LevelSummary {
  readonly level: Level;
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  /** Requests that went well, per second. */
  readonly perSecond: number;
  /** What it was made of. */
  readonly measured: Window;
  /** Undefined where no request went well. */
  readonly latency: Distribution | undefined;
  /** The latencies themselves, ascending. */
  readonly latencies: Float64Array;
  readonly failures: ReadonlyMap<string, FailureCount>;
  readonly serverTimings: ReadonlyMap<string, Distribution>;
  readonly windows: number;
  readonly stable: boolean | undefined;
  /** With a rate: by how much requests went out late although a connection was free. */
  readonly lag: Distribution | undefined;
  /** With a rate: requests that still waited for a connection at the end. */
  readonly waiting: number;
}

/** What a level says; sorts, and so belongs behind the load. */
export function summarize(level: Level, { measured, windows, stable }: LevelResult): LevelSummary {
  const latencies = Float64Array.from(measured.latencies).sort();
  const timings = [...measured.serverTimings].flatMap(([name, times]) => {
    const distribution = distribute(Float64Array.from(times).sort());
    return distribution === undefined ? [] : [[name, distribution] as const];
  });
  return {
    level,
    seconds: measured.seconds,
    requests: latencies.length + measured.failed,
    failed: measured.failed,
    perSecond: measured.seconds === 0 ? 0 : throughput(measured),
    measured,
    latency: distribute(latencies),
    latencies,
    failures: measured.failures,
    serverTimings: new Map(timings),
    windows: windows.length,
    stable,
    lag: distribute(Float64Array.from(measured.lags).sort()),
    waiting: measured.waiting,
  };
}

function distribute(ascending: Float64Array): Distribution | undefined {
  const [min] = ascending;
  const max = ascending.at(-1);
  if (min === undefined || max === undefined) return undefined;
  const at = (share: number): number => percentile(ascending, share);
  return {
    count: ascending.length,
    min,
    mean: mean(ascending),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    p999: at(0.999),
    max,
  };
}
