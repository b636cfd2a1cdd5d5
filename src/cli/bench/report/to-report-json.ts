import type { BenchReport, Objective } from "./bench-report.ts";
import type { Distribution, LevelSummary } from "./summary.ts";

/** The report for programs; the page on `bench` lists its members. */
export function toReportJson(report: BenchReport): string {
  const { url, model, protocol, messageBytes, levels, objective, interrupted } = report;
  const value = {
    url,
    model,
    protocol,
    message_bytes: messageBytes,
    interrupted,
    ...(objective === undefined ? {} : { slo: toObjective(objective) }),
    levels: levels.map(toLevel),
  };
  return `${JSON.stringify(value, toThousandths, 2)}\n`;
}

/** A microsecond is finer than any clock on the way. */
function toThousandths(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}

function toObjective({ p99Ms, rate, missed }: Objective) {
  return { p99_ms: p99Ms, rate: rate ?? null, missed_at: missed ?? null };
}

function toLevel(summary: LevelSummary) {
  const {
    level,
    seconds,
    requests,
    failed,
    perSecond,
    latency,
    failures,
    serverTimings,
    windows,
    stable,
    waiting,
    lag,
  } = summary;
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
    ...("rate" in level ? { waiting, sent_late_ms: lag === undefined ? null : toMilliseconds(lag) } : {}),
  };
}

function toMilliseconds({ min, mean, p50, p90, p95, p99, p999, max }: Distribution) {
  return { min, mean, p50, p90, p95, p99, p99_9: p999, max };
}
