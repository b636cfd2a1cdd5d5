import type { BenchReport } from "./bench-report.ts";
import { formatNumber } from "./format-number.ts";
import { formatTable } from "./format-table.ts";
import type { Distribution, Level, LevelSummary } from "./summary.ts";

/** The report for a terminal. */
export function formatReport(report: BenchReport): string {
  const { levels } = report;
  const lines = [formatHead(report), ""];
  if (levels.length > 0) lines.push(...formatLevels(levels));
  for (const section of [formatServerTimings(levels), formatFailures(levels), formatRemarks(levels)]) {
    if (section.length > 0) lines.push("", ...section);
  }
  if (report.interrupted) lines.push("", "interrupted: this is what was measured so far");
  return `${lines.join("\n")}\n`;
}

function formatHead({ url, model, protocol, messageBytes }: BenchReport): string {
  const [least, most] = [Math.min(...messageBytes), Math.max(...messageBytes)];
  const size = least === most ? `${least} bytes` : `${least} to ${most} bytes`;
  const requests = messageBytes.length === 1 ? "one request" : `${messageBytes.length} requests in turn`;
  return `${protocol} to ${model} at ${url}: ${requests} of ${size}`;
}

function formatLevels(levels: readonly LevelSummary[]): string[] {
  const title = levels.some(({ level }) => "rate" in level) ? "rate" : "concurrency";
  const head = [title, "per second", "failed", "min ms", "p50", "p90", "p95", "p99", "p99.9", "max"];
  return formatTable(
    head,
    levels.map(({ level, perSecond, failed, latency }) => [
      formatLevel(level),
      perSecond.toFixed(1),
      String(failed),
      ...cells(latency, ["min", "p50", "p90", "p95", "p99", "p999", "max"]),
    ]),
  );
}

function formatServerTimings(levels: readonly LevelSummary[]): string[] {
  const rows = levels.flatMap(({ level, serverTimings }) =>
    [...serverTimings].map(([name, times]) => [
      formatLevel(level),
      name,
      ...cells(times, ["mean", "p50", "p99", "max"]),
    ]),
  );
  return rows.length === 0
    ? []
    : ["what the server says (Server-Timing)", ...formatTable(["at", "stage", "mean ms", "p50", "p99", "max"], rows)];
}

function formatFailures(levels: readonly LevelSummary[]): string[] {
  const rows = levels.flatMap(({ level, failures }) =>
    [...failures].map(
      ([kind, { count, message }]) =>
        `  at ${formatLevel(level)}: ${count} × ${kind}${message === "" ? "" : `, the first: ${message}`}`,
    ),
  );
  return rows.length === 0 ? [] : ["failed", ...rows];
}

/** What makes a figure less than it seems. */
function formatRemarks(levels: readonly LevelSummary[]): string[] {
  return levels.flatMap((summary) => {
    const at = `at ${formatLevel(summary.level)}`;
    const remarks: string[] = [];
    if (summary.requests === 0) remarks.push(`${at}: no request ended within ${summary.seconds.toFixed(1)} s`);
    else if (summary.stable === false)
      remarks.push(`${at}: not stable after ${summary.windows} windows; take it as a hint`);
    return remarks;
  });
}

export function formatLevel(level: Level): string {
  return String("rate" in level ? level.rate : level.concurrency);
}

function cells(distribution: Distribution | undefined, columns: readonly (keyof Distribution)[]): string[] {
  return columns.map((column) => formatNumber(distribution?.[column] ?? Number.NaN));
}
