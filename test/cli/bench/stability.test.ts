import { isStable } from "../../../src/cli/bench/load/stability.ts";
import { mergeWindows, type Window, WindowRecorder } from "../../../src/cli/bench/load/window.ts";

function windowOf(requests: number, milliseconds: number): Window {
  const recorder = new WindowRecorder(0);
  for (let i = 0; i < requests; i++) recorder.record({}, milliseconds);
  return recorder.close(1000, 0);
}

test("three windows whose throughput and latency lie within the percentage are stable", () => {
  expect(isStable([windowOf(100, 10), windowOf(109, 10), windowOf(104, 10)], 10)).toBe(true);
});

test.each([
  ["two windows", [windowOf(100, 10), windowOf(100, 10)]],
  ["a throughput that rises", [windowOf(100, 10), windowOf(120, 10), windowOf(140, 10)]],
  ["a latency that rises", [windowOf(100, 10), windowOf(100, 12), windowOf(100, 14)]],
  ["a window without a success", [windowOf(100, 10), windowOf(100, 10), windowOf(0, 0)]],
])("%s is not stable", (_name, windows) => {
  expect(isStable(windows, 10)).toBe(false);
});

test("only the last three count", () => {
  expect(isStable([windowOf(5, 900), windowOf(100, 10), windowOf(100, 10), windowOf(100, 10)], 10)).toBe(true);
});

test("windows merge to one: counts add up, the first message of a kind stays", () => {
  const recorder = new WindowRecorder(0);
  recorder.record({ serverTiming: 'predict;desc="a b";dur=4.5, encode;dur=0.5' }, 8);
  recorder.record({ failure: { kind: "status 503", message: "busy" } }, 1);
  const first = recorder.close(500, 3);
  const other = new WindowRecorder(500);
  other.record({ serverTiming: "predict;dur=5.5" }, 6);
  other.record({ failure: { kind: "status 503", message: "still busy" } }, 1);
  expect(mergeWindows([first, other.close(1000, 1)])).toEqual({
    seconds: 1,
    latencies: [8, 6],
    failed: 2,
    failures: new Map([["status 503", { count: 2, message: "busy" }]]),
    serverTimings: new Map([
      ["predict", [4.5, 5.5]],
      ["encode", [0.5]],
    ]),
    lags: [],
    waiting: 1,
  });
});
