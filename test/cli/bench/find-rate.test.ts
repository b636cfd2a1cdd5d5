import { findRate, keepsObjective } from "../../../src/cli/bench/find-rate.ts";
import { type Window, WindowRecorder } from "../../../src/cli/bench/load/window.ts";

async function search(first: number, limit: number, least = 1) {
  const tried: number[] = [];
  const keeps = async (rate: number): Promise<boolean> => {
    tried.push(rate);
    return rate <= limit;
  };
  return { ...(await findRate({ first, least, keeps, signal: new AbortController().signal })), tried };
}

test.each([
  [100, 730],
  [100, 100],
  [5000, 730],
  [0.3, 12_345],
])("from %d per second a limit of %d is found within 5 %", async (first, limit) => {
  const { rate = 0, missed = 0 } = await search(first, limit);
  expect(rate).toBeLessThanOrEqual(limit);
  expect(missed).toBeGreaterThan(limit);
  expect(missed / rate).toBeLessThanOrEqual(1.05);
});

test("the rate doubles, then is bisected; nothing is tried twice", async () => {
  const { tried } = await search(100, 730);
  expect(tried.slice(0, 5)).toEqual([100, 200, 400, 800, 600]);
  expect(new Set(tried).size).toBe(tried.length);
});

test("a server that keeps the objective at no rate is given up at the least one", async () => {
  expect(await search(8, 0)).toEqual({ rate: undefined, missed: 1, tried: [8, 4, 2, 1] });
});

test("an aborted search says what it knows; the rate that was cut short says nothing", async () => {
  const controller = new AbortController();
  const keeps = async (rate: number): Promise<boolean> => {
    if (rate === 200) controller.abort();
    return rate < 200;
  };
  const found = await findRate({ first: 100, least: 1, keeps, signal: controller.signal });
  expect(found).toEqual({ rate: 100, missed: undefined });
});

function windowOf(fast: number, slow: number, failed = 0, waiting = 0): Window {
  const recorder = new WindowRecorder(0);
  for (let i = 0; i < fast; i++) recorder.record({}, 10);
  for (let i = 0; i < slow; i++) recorder.record({}, 11);
  for (let i = 0; i < failed; i++) recorder.record({ failure: { kind: "reset", message: "" } }, 1);
  return recorder.close(1000, waiting);
}

test.each<[string, Window, boolean]>([
  ["99 of 100 in time", windowOf(99, 1), true],
  ["98 of 100 in time", windowOf(98, 2), false],
  ["a failure more than one in a hundred", windowOf(98, 0, 2), false],
  ["requests that wait", windowOf(100, 0, 0, 2), false],
  ["fewer requests than were due", windowOf(90, 0), false],
  ["no request", windowOf(0, 0), false],
])("%s: the objective of 10 ms at 100 per second", (_name, window, kept) => {
  expect(keepsObjective(window, 100, 10)).toBe(kept);
});
