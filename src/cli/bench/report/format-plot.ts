import { formatNumber } from "./format-number.ts";
import type { LevelSummary } from "./summary.ts";

const WIDTH = 56;
const HEIGHT = 12;
const BUCKETS = 12;

/** Latency over throughput: where p99 leaves p50, the server is full. Empty for less than two levels. */
export function formatCurve(levels: readonly LevelSummary[]): string[] {
  const points = levels.flatMap(({ perSecond, latency }) =>
    latency === undefined ? [] : [{ x: perSecond, p50: latency.p50, p99: latency.p99 }],
  );
  if (points.length < 2) return [];
  const right = Math.max(...points.map(({ x }) => x));
  const top = Math.max(...points.map(({ p99 }) => p99));
  const grid = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => " "));
  const put = (x: number, y: number, mark: string): void => {
    const row = grid[HEIGHT - 1 - Math.round((y / top) * (HEIGHT - 1))];
    const column = Math.round((x / right) * (WIDTH - 1));
    if (row !== undefined) row[column] = row[column] === " " || row[column] === mark ? mark : "*";
  };
  for (const { x, p50, p99 } of points) {
    put(x, p50, "o");
    put(x, p99, "x");
  }
  const labels = grid.map((_, row) => (row === 0 ? `${formatNumber(top)} ms` : row === HEIGHT - 1 ? "0" : ""));
  const margin = Math.max(...labels.map(({ length }) => length));
  return [
    "latency over requests per second: o p50, x p99, * both",
    ...grid.map((row, index) => `${(labels[index] ?? "").padStart(margin)} │${row.join("").trimEnd()}`),
    `${" ".repeat(margin)} └${"─".repeat(WIDTH)}`,
    `${" ".repeat(margin)}  0${formatNumber(right).padStart(WIDTH - 1)}`,
  ];
}

/** How the latencies of a level are spread, in steps that grow by the same factor; what lies above p99.9 is in the last one. */
export function formatHistogram({ latencies, latency }: LevelSummary): string[] {
  if (latency === undefined || latency.p999 <= latency.min || latency.min <= 0) return [];
  const factor = (latency.p999 / latency.min) ** (1 / BUCKETS);
  const bounds = Array.from({ length: BUCKETS }, (_, index) => latency.min * factor ** (index + 1));
  const counts = bounds.map(() => 0);
  for (const value of latencies) {
    const index = Math.floor(Math.log(value / latency.min) / Math.log(factor));
    const bucket = Math.min(BUCKETS - 1, Math.max(0, index));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  const labels = bounds.map((bound) => formatNumber(bound));
  const margin = Math.max(...labels.map(({ length }) => length));
  return [
    "requests by milliseconds",
    ...counts.map((count, index) => {
      const bar = "█".repeat(Math.round((count / most) * WIDTH)) || (count > 0 ? "▏" : "");
      const sign = index === BUCKETS - 1 ? ">" : "<";
      const bound = index === BUCKETS - 1 ? (labels[index - 1] ?? "") : (labels[index] ?? "");
      return `${sign} ${bound.padStart(margin)} │${bar} ${count}`;
    }),
  ];
}
