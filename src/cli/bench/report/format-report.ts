import type { BenchReport } from "./bench-report.ts";
import { formatNumber } from "./format-number.ts";
import { formatCurve, formatHistogram } from "./format-plot.ts";
import { formatTable } from "./format-table.ts";
import type { Distribution, Level, LevelSummary } from "./summary.ts";

/** The report for a terminal. */
export function formatReport(report: BenchReport): string {
  const { levels } = report;
  const lines = [formatHead(report), ""];
  if (levels.length > 0) lines.push(...formatLevels(levels));
  const [first] = levels;
  const plot = levels.length === 1 && first !== undefined ? formatHistogram(first) : formatCurve(levels);
  for (const section of [
    plot,
    formatObjective(report),
    formatServerTimings(levels),
    formatFailures(levels),
    formatRemarks(levels),
  ]) {
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

function formatObjective({ objective }: BenchReport): string[] {
  if (objective === undefined) return [];
  const { p99Ms, rate, missed } = objective;
  const limit = `p99 at most ${p99Ms} ms`;
  if (rate === undefined)
    return [`no rate with ${limit}${missed === undefined ? "" : `: ${missed} per second was too much`}`];
  const above = missed === undefined ? "no higher one was too much" : `${missed} was too much`;
  return [`largest rate with ${limit}: ${rate} per second (${above})`];
}

/** Requests that this machine sends later than so are its own doing, and stand in the latencies. */
const LATE_MS = 1;

/** What makes a figure less than it seems, each with the levels that it is about. */
function formatRemarks(levels: readonly LevelSummary[]): string[] {
  const about = (is: (summary: LevelSummary) => boolean, detail?: (summary: LevelSummary) => string): string =>
    levels
      .filter(is)
      .map((summary) => `${formatLevel(summary.level)}${detail === undefined ? "" : ` (${detail(summary)})`}`)
      .join(", ");
  const remarks = {
    "no request ended": about(
      ({ requests }) => requests === 0,
      ({ seconds }) => `${seconds.toFixed(1)} s`,
    ),
    "not stable, so only a hint": about(({ requests, stable }) => requests > 0 && stable === false),
    "the server fell behind; requests waited for a connection at the end": about(
      ({ waiting }) => waiting > 0,
      ({ waiting }) => String(waiting),
    ),
    "this machine sent requests late, which the latencies include": about(
      ({ lag }) => lag !== undefined && lag.p99 > LATE_MS,
      ({ lag }) => `p99 ${formatNumber(lag?.p99 ?? 0)} ms`,
    ),
  };
  return Object.entries(remarks).flatMap(([remark, at]) => (at === "" ? [] : [`${remark}: at ${at}`]));
}

export function formatLevel(level: Level): string {
  return String("rate" in level ? level.rate : level.concurrency);
}

function cells(distribution: Distribution | undefined, columns: readonly (keyof Distribution)[]): string[] {
  return columns.map((column) => formatNumber(distribution?.[column] ?? Number.NaN));
}
