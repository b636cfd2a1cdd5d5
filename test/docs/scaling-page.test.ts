import { readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);
const file = (name: string): string => new URL(`bench/scaling/${name}`, root).href;

interface Simulated {
  readonly mean: number;
  readonly busy: number;
  readonly predictorBusy: number;
}
type Simulate = (options: object) => Simulated;

test("docs/scaling.md shows what the seeded simulation gives", async () => {
  const { renderTables } = (await import(file("plan.mjs"))) as { renderTables: () => Record<string, string> };
  const page = readFileSync(new URL("docs/scaling.md", root), "utf8");
  for (const [name, table] of Object.entries(renderTables())) {
    const [, shown = ""] = new RegExp(`<!-- ${name} -->\n([\\s\\S]*?)<!-- end -->`).exec(page) ?? [];
    expect([name, shown.trim()]).toEqual([name, table]);
  }
});

test("one event loop waits as an M/M/1 queue does: mean S / (1 - load)", async () => {
  const { simulate } = (await import(file("simulate.mjs"))) as { simulate: Simulate };
  const { mean, busy } = simulate({ rate: 70, loops: 1, cpu: { mean: 0.01, variation: 1 }, requests: 100_000 });
  expect(busy).toBeCloseTo(0.7, 2);
  expect(mean / (0.01 / 0.3)).toBeCloseTo(1, 1);
});

test("requests alike wait half as long (Pollaczek and Khinchine)", async () => {
  const { simulate } = (await import(file("simulate.mjs"))) as { simulate: Simulate };
  const predictor = { replicas: 1, slots: 1, time: { mean: 0.01 } };
  const { mean } = simulate({ rate: 70, loops: 64, cpu: { mean: 1e-9 }, predictor, requests: 100_000 });
  expect(mean / (0.01 + (0.7 * 0.01) / 2 / 0.3)).toBeCloseTo(1, 1);
});

test("a predictor of ten places waits as Erlang's C formula says", async () => {
  const { simulate } = (await import(file("simulate.mjs"))) as { simulate: Simulate };
  const predictor = { replicas: 1, slots: 10, time: { mean: 0.01, variation: 1 } };
  const { mean } = simulate({ rate: 800, loops: 64, cpu: { mean: 1e-9 }, predictor, requests: 100_000 });
  // C(10, 8) = 0.4092: of so many requests the wait is 1 / (1000 - 800) seconds.
  expect(mean / (0.01 + 0.4092 / 200)).toBeCloseTo(1, 1);
});

test("a backlog that cannot be served shows: pods that start late leave seconds of overload", async () => {
  const { followLoad } = (await import(file("autoscale.mjs"))) as {
    followLoad: (options: object) => { overloaded: number; longest: number; most: number };
  };
  const step = (second: number): number => (second < 60 ? 10_000 : 30_000);
  const late = { rule: "hpa", load: step, seconds: 600, capacity: 1000, target: 0.5 };
  const slow = followLoad({ ...late, startSeconds: 30 });
  const quick = followLoad({ ...late, startSeconds: 1 });
  expect(quick.overloaded).toBeGreaterThan(0);
  expect(slow.overloaded).toBeGreaterThan(quick.overloaded + 29);
  expect(followLoad({ ...late, load: () => 10_000, startSeconds: 30 })).toEqual({
    overloaded: 0,
    longest: 0,
    most: 20,
  });
});
