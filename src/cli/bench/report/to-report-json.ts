import type { BenchReport } from "./bench-report.ts";
import type { Distribution, LevelSummary } from "./summary.ts";

/** The report for programs; the page on `bench` lists its members. */
export function toReportJson(report: BenchReport): string {
  const { url, model, protocol, messageBytes, levels, interrupted } = report;
  const value = { url, model, protocol, message_bytes: messageBytes, interrupted, levels: levels.map(toLevel) };
  return `${JSON.stringify(value, toThousandths, 2)}\n`;
}

/** A microsecond is finer than any clock on the way. */
function toThousandths(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}

function toLevel(summary: LevelSummary) {
  const { level, seconds, requests, failed, perSecond, latency, failures, serverTimings, windows, stable } = summary;
  return {
    ...level,
    seconds,
    requests,
    failed,
    requests_per_second: perSecond,
    latency_ms: latency === undefined ? null : toMilliseconds(latency),
    failures: Object.fromEntries(failures),
    server_timing_ms: Object.fromEntries([...serverTimings].map(([name, times]) => [name, toMilliseconds(times)])),
    windows,
    stable: stable ?? null,
  };
}

function toMilliseconds({ min, mean, p50, p90, p95, p99, p999, max }: Distribution) {
  return { min, mean, p50, p90, p95, p99, p99_9: p999, max };
}
