import { WindowRecorder } from "../../../src/cli/bench/load/window.ts";
import { formatCurve, formatHistogram } from "../../../src/cli/bench/report/format-plot.ts";
import { formatReport } from "../../../src/cli/bench/report/format-report.ts";
import { type Level, type LevelSummary, summarize } from "../../../src/cli/bench/report/summary.ts";

function level(at: Level, latencies: readonly number[], stable?: boolean): LevelSummary {
  const recorder = new WindowRecorder(0);
  for (const latency of latencies) recorder.record({}, latency);
  const window = recorder.close(1000, 0);
  return summarize(at, { measured: window, windows: [window], stable });
}

const RISING = Array.from({ length: 1000 }, (_, index) => 1 + index / 100);

test("percentiles are by nearest rank", () => {
  const { latency, perSecond } = level({ concurrency: 1 }, RISING.toReversed());
  expect(perSecond).toBe(1000);
  expect(latency).toMatchObject({ count: 1000, min: 1, p50: 5.99, p90: 9.99, p99: 10.89, p999: 10.98, max: 10.99 });
  expect(latency?.mean).toBeCloseTo(5.995, 6);
});

test("the curve has the throughput to the right and the latency upwards", () => {
  const lines = formatCurve([level({ rate: 10 }, Array(10).fill(2)), level({ rate: 20 }, [...Array(19).fill(4), 8])]);
  expect(lines[1]).toMatch(/^8\.00 ms │ {55}x$/);
  expect(lines.slice(2).find((line) => line.includes("o"))).toMatch(/│ {55}o$/);
  // p50 and p99 of the first level are one point, in the middle.
  expect(lines.find((line, index) => index > 0 && line.includes("*"))?.indexOf("*")).toBe("8.00 ms │".length + 28);
  expect(lines.at(-1)).toMatch(/0 +20\.0$/);
  expect(formatCurve([level({ rate: 10 }, [1])])).toEqual([]);
});

test("the histogram counts every request once", () => {
  const lines = formatHistogram(level({ concurrency: 1 }, [...RISING, 500]));
  expect(lines).toHaveLength(13);
  const counts = lines.slice(1).map((line) => Number(line.split(" ").at(-1)));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1001);
  expect(formatHistogram(level({ concurrency: 1 }, [2, 2]))).toEqual([]);
});

test("the report says what a figure is worth", () => {
  const base = { url: "http://x", model: "m", protocol: "v1", messageBytes: [10, 30], interrupted: true } as const;
  const levels = [level({ rate: 10 }, [1, 2], false), level({ rate: 20 }, [])];
  const text = formatReport({ ...base, levels, objective: { p99Ms: 5, rate: 10, missed: 20 } });
  expect(text).toContain("v1 to m at http://x: 2 requests in turn of 10 to 30 bytes");
  expect(text).toContain("largest rate with p99 at most 5 ms: 10 per second (20 was too much)");
  expect(text).toContain("not stable, so only a hint: at 10\n");
  expect(text).toContain("no request ended: at 20 (1.0 s)");
  expect(text).toContain("interrupted: this is what was measured so far");
});
