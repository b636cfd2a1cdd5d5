import { setTimeout as delay } from "node:timers/promises";
import { InferenceError } from "../../../src/errors.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import type { CacheOutcome, InferOptions } from "../../../src/inference/inference-client.ts";
import { RowValues } from "../../../src/inference/row-and-tensor-values.ts";
import { createCachingPredictor } from "../../../src/predictor/caching/caching-predictor.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import type { JsonValue } from "../../../src/tensor/json-value.ts";

const request = (rows: readonly JsonValue[], id = "a") =>
  new InferRequest({
    modelName: "m",
    content: { id, parameters: {}, members: {}, values: new RowValues(rows, "input") },
  });

/** Gives the number of its call as the prediction, so that a kept response can be told from a new one. */
function createCounter(fail = false): Predictor & { calls: number } {
  const counter = {
    description: "counter",
    calls: 0,
    infer: async (asked: InferRequest, options?: InferOptions) => {
      counter.calls += 1;
      const call = counter.calls;
      await delay(5, undefined, options?.signal === undefined ? {} : { signal: options.signal });
      if (fail) throw new InferenceError("no", { code: "unavailable" });
      return asked.reply({ predictions: [call] });
    },
    ready: async () => true,
    metadata: async () => undefined,
    close: async () => undefined,
  };
  return counter;
}

const options = { cacheBytes: 100_000, cacheTtlSeconds: 60, coalesce: false };

describe("caching predictor", () => {
  test("an equal request gets the kept response, whatever its id; another content does not", async () => {
    const outcomes: CacheOutcome[] = [];
    const cached = createCachingPredictor(createCounter(), { ...options, onLookUp: (one) => void outcomes.push(one) });
    const asked = [request([1], "a"), request([1], "b"), request([2], "c")];
    const predictions: unknown[] = [];
    for (const one of asked) predictions.push((await cached.infer(one)).predictions[0]);
    expect([predictions, outcomes]).toEqual([
      [1, 1, 2],
      ["miss", "hit", "miss"],
    ]);
  });

  test("credentials share nothing unless they are told to", async () => {
    const [one, two] = [{ headers: { authorization: "one" } }, { headers: { authorization: "two" } }];
    const apart = createCachingPredictor(createCounter(), options);
    const shared = createCachingPredictor(createCounter(), { ...options, acrossCredentials: true });
    for (const [cached, expected] of [
      [apart, 2],
      [shared, 1],
    ] as const) {
      await cached.infer(request([1]), one);
      expect((await cached.infer(request([1]), two)).predictions).toEqual([expected]);
    }
  });

  test("what is kept is bounded by bytes and by time, and errors are not kept", async () => {
    const small = createCachingPredictor(createCounter(), { ...options, cacheBytes: 15_000 });
    for (const row of [1, 2, 3, 4, 5, 6, 7, 8]) await small.infer(request([row]));
    expect((await small.infer(request([1]))).predictions).toEqual([9]);
    const brief = createCachingPredictor(createCounter(), { ...options, cacheTtlSeconds: 0.02 });
    await brief.infer(request([1]));
    await delay(40);
    expect((await brief.infer(request([1]))).predictions).toEqual([2]);
    const failing = createCounter(true);
    const failed = createCachingPredictor(failing, options);
    for (let i = 0; i < 2; i++) await expect(failed.infer(request([1]))).rejects.toThrow("no");
    expect(failing.calls).toBe(2);
  });

  test("equal requests under way share one call; one that leaves takes nothing from the others", async () => {
    const counter = createCounter();
    const cached = createCachingPredictor(counter, { ...options, cacheBytes: 0, coalesce: true });
    const leaving = new AbortController();
    const first = cached.infer(request([1]), { signal: leaving.signal });
    const second = cached.infer(request([1], "other"));
    leaving.abort(new InferenceError("the client left", { code: "cancelled" }));
    await expect(first).rejects.toThrow("the client left");
    expect([(await second).predictions, counter.calls]).toEqual([[1], 1]);
    expect((await cached.infer(request([1]))).predictions).toEqual([2]);
  });

  test("a call that all have left is not joined any more", async () => {
    const cached = createCachingPredictor(createCounter(), { ...options, cacheBytes: 0, coalesce: true });
    const leaving = new AbortController();
    const first = cached.infer(request([1]), { signal: leaving.signal });
    leaving.abort(new InferenceError("the client left", { code: "cancelled" }));
    await expect(first).rejects.toThrow("the client left");
    expect((await cached.infer(request([1]))).predictions).toEqual([2]);
  });

  test.each([0, -1, 0.0004, Number.NaN, Number.POSITIVE_INFINITY])("a time of %s seconds is refused", (seconds) => {
    expect(() => createCachingPredictor(createCounter(), { ...options, cacheTtlSeconds: seconds })).toThrow(
      `cacheTtlSeconds: expected a number of at least 0.001, got ${seconds}`,
    );
    createCachingPredictor(createCounter(), { ...options, cacheTtlSeconds: 0.0015 });
  });

  test("keys and what is around a response count: many small ones stay within the bytes", async () => {
    const counter = createCounter();
    const cached = createCachingPredictor(counter, options);
    const headers = (i: number) => ({ headers: { authorization: `${i} ${"x".repeat(8000)}` } });
    for (let i = 0; i < 200; i++) await cached.infer(request([1]), headers(i));
    let kept = 0;
    for (let i = 199; i >= 0; i--) {
      const calls = counter.calls;
      await cached.infer(request([1]), headers(i));
      if (counter.calls > calls) break;
      kept += 1;
    }
    expect([kept > 10, kept <= 100_000 / 1024]).toEqual([true, true]);
  });
});
