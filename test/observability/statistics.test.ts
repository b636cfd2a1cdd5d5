import { setTimeout as delay } from "node:timers/promises";
import { InferenceError, invalidArgument } from "../../src/errors.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { type ModelCounts, noCounts, sumCounts } from "../../src/observability/statistics/model-counts.ts";
import { createStatistics } from "../../src/observability/statistics/statistics.ts";
import { createBatchingPredictor } from "../../src/predictor/batching/batching-predictor.ts";
import { createCachingPredictor } from "../../src/predictor/caching/caching-predictor.ts";
import { createFunctionPredictor, type PredictorFunction } from "../../src/predictor/embedded/function-predictor.ts";
import type { Predictor } from "../../src/predictor/predictor.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";
import { testTransformer } from "../../src/testing/test-transformer.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const times = (count: number) => ({ count, milliseconds: count * 2 });
const compute = (count: number) => ({
  computeInput: times(count),
  computeInfer: times(count),
  computeOutput: times(count),
});
const counted = (count: number, batchSize: number): ModelCounts => ({
  ...noCounts("m"),
  lastInference: count,
  inferences: count,
  executions: count,
  success: times(count),
  queue: times(count),
  ...compute(count),
  batches: [{ batchSize, ...compute(count) }],
});

test("the counts of several processes are summed by model and batch size", () => {
  const sums = sumCounts([counted(5, 2), noCounts("other"), counted(1, 2), counted(3, 1)]);
  expect(sums).toEqual([
    {
      ...counted(9, 1),
      lastInference: 5,
      batches: [
        { batchSize: 1, ...compute(3) },
        { batchSize: 2, ...compute(6) },
      ],
    },
    noCounts("other"),
  ]);
});

class Plain extends Transformer {
  // Looked at, so that rows are read and not handed on.
  override postprocess(response: InferResponse): InferResponse {
    return response;
  }
}

const doubled = (request: InferRequest) => ({ predictions: request.instances.map((row) => Number(row) * 2) });

async function countsAfter(predictor: Predictor, ...calls: readonly (readonly JsonValue[])[]): Promise<ModelCounts> {
  const statistics = createStatistics();
  const model = testTransformer(Plain, { statistics, predictor });
  await Promise.all(calls.map(async (instances) => expect((await model.predict({ instances })).status).toBe(200)));
  const [counts, ...others] = await statistics.total();
  if (counts === undefined || others.length > 0) throw new Error("expected one model");
  return counts;
}

describe("the statistics of a batching predictor", () => {
  const batching = (predict: PredictorFunction) =>
    createBatchingPredictor(createFunctionPredictor(predict), { maxBatchSize: 8, maxBatchDelayMs: 1000 });

  test("have one execution for a batch, under its size, and the wait for it in the queue", async () => {
    const slow: PredictorFunction = async (request) => {
      await delay(50);
      return doubled(request);
    };
    const predictor = batching(slow);
    // While this call is under way, the three wait for its end.
    const counts = await countsAfter(predictor, [0, 1, 2, 3, 4, 5, 6, 7], [1], [2, 3], [4]);
    expect(counts).toMatchObject({
      inferences: 4,
      executions: 2,
      success: { count: 4 },
      computeInfer: { count: 4 },
      batches: expect.arrayContaining([
        expect.objectContaining({ batchSize: 1, computeInfer: { count: 1, milliseconds: expect.any(Number) } }),
        expect.objectContaining({ batchSize: 3, computeInfer: { count: 1, milliseconds: expect.any(Number) } }),
      ]),
    });
    expect(counts.batches).toHaveLength(2);
    // Three waited for the first call's 50 ms, and each then took 50 ms.
    expect(counts.queue).toMatchObject({ count: 4 });
    expect(counts.queue.milliseconds).toBeGreaterThan(30);
    expect(counts.computeInfer.milliseconds).toBeGreaterThan(4 * 40);
    const [alone, three] = counts.batches;
    const { milliseconds } = three?.computeInfer ?? { milliseconds: 0 };
    expect(milliseconds + (alone?.computeInfer.milliseconds ?? 0)).toBeLessThan(counts.computeInfer.milliseconds - 60);
    expect(counts.success.milliseconds).toBeGreaterThan(counts.queue.milliseconds + counts.computeInfer.milliseconds);
  });

  test("count requests of a refused batch that are asked again as executions of their own", async () => {
    const single: PredictorFunction = (request) => {
      if (request.instances.length > 1) throw invalidArgument("one row, please");
      return doubled(request);
    };
    const counts = await countsAfter(batching(single), [1], [2]);
    expect(counts).toMatchObject({ inferences: 2, executions: 2, batches: [{ batchSize: 1 }] });
  });
});

describe("the statistics of a caching predictor", () => {
  test("count hits and misses, and a hit is no inference", async () => {
    const statistics = createStatistics();
    const predictor = createCachingPredictor(createFunctionPredictor(doubled), {
      cacheBytes: 100_000,
      cacheTtlSeconds: 60,
      coalesce: false,
    });
    const model = testTransformer(Plain, { statistics, predictor });
    for (const row of [1, 1, 2, 1]) await model.predict({ instances: [row] });
    const [counts] = statistics.counts();
    expect(counts).toMatchObject({
      inferences: 2,
      executions: 2,
      success: { count: 4 },
      queue: { count: 4 },
      computeInput: { count: 2 },
      computeInfer: { count: 2 },
      computeOutput: { count: 2 },
      cacheHit: { count: 2 },
      cacheMiss: { count: 2 },
    });
    expect(counts?.cacheHit.milliseconds).toBeGreaterThan(0);
    expect(counts?.cacheMiss.milliseconds).toBeGreaterThan(0);
  });

  test("have no execution for a request that waited for an equal one's", async () => {
    const options = { cacheBytes: 0, cacheTtlSeconds: 60, coalesce: true };
    const predictor = createCachingPredictor(createFunctionPredictor(doubled), options);
    expect(await countsAfter(predictor, [1], [1], [1])).toMatchObject({
      inferences: 3,
      executions: 1,
      cacheHit: { count: 0 },
      cacheMiss: { count: 1 },
      batches: [{ batchSize: 1, computeInfer: { count: 1 } }],
    });
  });
});

test("completions count as inferences, and a refused one as a failure", async () => {
  const statistics = createStatistics();
  let refused = false;
  const completions = () => {
    if (refused) throw new InferenceError("busy", { code: "unavailable" });
    return { id: "c" };
  };
  const model = testTransformer(Plain, { statistics, completions });
  expect((await model.complete("chat/completions", { model: "model", messages: [] })).status).toBe(200);
  refused = true;
  expect((await model.complete("chat/completions", { model: "model", messages: [] })).status).toBe(503);
  const [counts] = statistics.counts();
  expect(counts).toMatchObject({
    inferences: 1,
    success: { count: 1 },
    fail: { count: 1 },
    computeInfer: { count: 1 },
  });
  expect(counts?.computeInfer.milliseconds).toBeGreaterThan(0);
});
