import { setTimeout as delay } from "node:timers/promises";
import { InferenceError } from "../../../src/errors.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { RowValues, TensorValues } from "../../../src/inference/row-and-tensor-values.ts";
import { createBatchingPredictor } from "../../../src/predictor/batching/batching-predictor.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { predictorError } from "../../../src/predictor/predictor-failure.ts";
import type { JsonValue } from "../../../src/tensor/json-value.ts";
import { createTensor, type Tensor } from "../../../src/tensor/tensor.ts";

type Respond = (request: InferRequest) => Promise<InferResponse> | InferResponse;

/** A predictor that keeps what it was asked. */
function createRecorder(respond: Respond): Predictor & { readonly asked: InferRequest[]; readonly aborted: boolean[] } {
  const asked: InferRequest[] = [];
  const aborted: boolean[] = [];
  return {
    description: "recorder",
    asked,
    aborted,
    infer: async (request, options) => {
      const index = asked.push(request) - 1;
      aborted[index] = false;
      options?.signal?.addEventListener("abort", () => {
        aborted[index] = true;
      });
      await delay(10);
      return respond(request);
    },
    ready: async () => true,
    metadata: async () => undefined,
    close: async () => undefined,
  };
}

const common = { parameters: {}, members: {} };
const rowsRequest = (rows: readonly JsonValue[], id = "") =>
  new InferRequest({ modelName: "m", content: { ...common, id, values: new RowValues(rows, "input") } });
const tensorRequest = (...tensors: readonly Tensor[]) =>
  new InferRequest({ modelName: "m", content: { ...common, values: new TensorValues(tensors, "input") } });
const doubleRows: Respond = (request) =>
  request.reply({ predictions: request.instances.map((row) => (row as number) * 2) });
const batching = (predictor: Predictor, maxBatchSize = 8, onBatch?: (rows: number) => void) =>
  createBatchingPredictor(predictor, { maxBatchSize, maxBatchDelayMs: 20, onBatch });

describe("batching predictor", () => {
  test("concurrent requests become one call, and each gets its own rows back", async () => {
    const recorder = createRecorder(doubleRows);
    const sizes: number[] = [];
    const predictor = batching(recorder, 8, (rows) => void sizes.push(rows));
    const responses = await Promise.all([[1], [2, 3], [4]].map((rows) => predictor.infer(rowsRequest(rows))));
    expect(responses.map(({ predictions }) => predictions)).toEqual([[2], [4, 6], [8]]);
    expect([recorder.asked.length, sizes]).toEqual([1, [4]]);
  });

  test("tensors of every datatype are joined along the first dimension and split exactly", async () => {
    const recorder = createRecorder((request) => request.reply({ outputs: request.inputs }));
    const predictor = batching(recorder);
    const encode = (text: string) => new TextEncoder().encode(text);
    const first = [
      createTensor("a", "FP32", [1, 2], new Float32Array([0.1, 2])),
      createTensor("b", "INT64", [1], new BigInt64Array([2n ** 60n])),
      createTensor("c", "BYTES", [1], [encode("x")]),
    ];
    const second = [
      createTensor("a", "FP32", [2, 2], new Float32Array([3, 4, 5, 6])),
      createTensor("b", "INT64", [2], new BigInt64Array([-1n, 3n])),
      createTensor("c", "BYTES", [2], [encode("y"), encode("")]),
    ];
    const responses = await Promise.all([
      predictor.infer(tensorRequest(...first)),
      predictor.infer(tensorRequest(...second)),
    ]);
    expect(recorder.asked.map(({ inputs }) => inputs.map(({ shape }) => shape))).toEqual([[[3, 2], [3], [3]]]);
    expect(responses.map(({ outputs }) => outputs)).toEqual([first, second]);
  });

  test("other trailing shapes, datatypes, credentials and parameters share no call", async () => {
    const recorder = createRecorder((request) => request.reply({ outputs: request.inputs }));
    const predictor = batching(recorder);
    const narrow = tensorRequest(createTensor("a", "FP32", [1, 2], new Float32Array(2)));
    const wide = tensorRequest(createTensor("a", "FP32", [1, 3], new Float32Array(3)));
    const whole = tensorRequest(createTensor("a", "INT32", [1, 2], new Int32Array(2)));
    await Promise.all([
      predictor.infer(narrow),
      predictor.infer(wide),
      predictor.infer(whole),
      predictor.infer(narrow, { headers: { authorization: "Bearer other" } }),
      predictor.infer(narrow.withParameters({ temperature: 1 })),
      predictor.infer(narrow, { headers: { "x-request-id": "another" } }),
    ]);
    expect(recorder.asked.length).toBe(5);
  });

  test("a full batch goes at once, and no call has more rows than the size", async () => {
    const recorder = createRecorder(doubleRows);
    const predictor = createBatchingPredictor(recorder, { maxBatchSize: 4, maxBatchDelayMs: 60_000 });
    await Promise.all(Array.from({ length: 12 }, (_, index) => predictor.infer(rowsRequest([index]))));
    expect(recorder.asked.map(({ instances }) => instances.length)).toEqual([4, 4, 4]);
    const large = await predictor.infer(rowsRequest([1, 2, 3, 4, 5]));
    expect(large.predictions).toEqual([2, 4, 6, 8, 10]);
  });

  test("a bad request fails alone", async () => {
    const recorder = createRecorder((request) => {
      if (request.instances.includes(-1)) throw new InferenceError("negative", { code: "invalid_argument" });
      return doubleRows(request);
    });
    const predictor = batching(recorder);
    const outcomes = await Promise.allSettled([1, -1, 3].map((row) => predictor.infer(rowsRequest([row]))));
    expect(outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value.predictions : "failed"))).toEqual([
      [2],
      "failed",
      [6],
    ]);
  });

  test("a request at which the predictor breaks the call off fails alone", async () => {
    const recorder = createRecorder((request) => {
      if (request.instances.includes(-1)) throw predictorError("reset", "predictor: it crashed");
      return doubleRows(request);
    });
    const predictor = batching(recorder);
    const outcomes = await Promise.allSettled([1, -1, 3].map((row) => predictor.infer(rowsRequest([row]))));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("a predictor that is away is not asked once for each request", async () => {
    const recorder = createRecorder(() => {
      throw new InferenceError("away", { code: "unavailable" });
    });
    const predictor = batching(recorder);
    const outcomes = await Promise.allSettled([1, 2, 3].map((row) => predictor.infer(rowsRequest([row]))));
    expect([outcomes.every(({ status }) => status === "rejected"), recorder.asked.length]).toEqual([true, 1]);
  });

  test("a response with another number of rows is given to nobody", async () => {
    const recorder = createRecorder((request) =>
      request.instances.length > 1 ? request.reply({ predictions: [0] }) : doubleRows(request),
    );
    const predictor = batching(recorder);
    const responses = await Promise.all([1, 2].map((row) => predictor.infer(rowsRequest([row]))));
    expect(responses.map(({ predictions }) => predictions)).toEqual([[2], [4]]);
  });

  test("a client that leaves takes nothing from the others; when all leave the call is aborted", async () => {
    const recorder = createRecorder(doubleRows);
    const predictor = batching(recorder);
    const leaving = new AbortController();
    const left = predictor.infer(rowsRequest([1]), { signal: leaving.signal });
    const stays = predictor.infer(rowsRequest([2]), { signal: new AbortController().signal });
    await delay(4);
    leaving.abort(new InferenceError("the client left", { code: "cancelled" }));
    await expect(left).rejects.toThrow("the client left");
    expect([(await stays).predictions, recorder.aborted]).toEqual([[4], [false]]);

    const all = new AbortController();
    const both = [3, 4].map((row) => predictor.infer(rowsRequest([row]), { signal: all.signal }));
    await delay(4);
    all.abort(new InferenceError("the client left", { code: "cancelled" }));
    const outcomes = await Promise.allSettled(both);
    expect([outcomes.map(({ status }) => status), recorder.aborted[1]]).toEqual([["rejected", "rejected"], true]);
  });

  test("a client that leaves before its batch does is told at once", async () => {
    const recorder = createRecorder(doubleRows);
    const predictor = createBatchingPredictor(recorder, { maxBatchSize: 8, maxBatchDelayMs: 60_000 });
    const first = predictor.infer(rowsRequest([1]));
    await delay(2);
    const leaving = new AbortController();
    const waits = predictor.infer(rowsRequest([2]), { signal: leaving.signal });
    leaving.abort(new InferenceError("the client left", { code: "cancelled" }));
    await expect(waits).rejects.toThrow("the client left");
    const { signal } = leaving;
    await expect(predictor.infer(rowsRequest([3]), { signal })).rejects.toThrow("the client left");
    expect([(await first).predictions, recorder.asked.length]).toEqual([[2], 1]);
  });

  test("what throws at once fails its requests and nothing else, be it the predictor or who is told", async () => {
    const recorder = createRecorder(doubleRows);
    const throws = (): never => {
      throw new InferenceError("thrown at once", { code: "internal" });
    };
    for (const predictor of [batching({ ...recorder, infer: throws }), batching(recorder, 8, throws)]) {
      for (const count of [1, 2]) {
        const rows = Array.from({ length: count }, (_, index) => predictor.infer(rowsRequest([index])));
        for (const one of await Promise.allSettled(rows)) {
          expect(one).toMatchObject({ status: "rejected", reason: { message: "thrown at once" } });
        }
      }
    }
    expect(recorder.asked.length).toBe(0);
  });

  test("closing sends what waits", async () => {
    const recorder = createRecorder(doubleRows);
    const predictor = createBatchingPredictor(recorder, { maxBatchSize: 8, maxBatchDelayMs: 60_000 });
    const first = predictor.infer(rowsRequest([1]));
    await delay(2);
    const waits = predictor.infer(rowsRequest([2]));
    await delay(2);
    await predictor.close();
    expect(recorder.asked.length).toBe(2);
    expect([(await first).predictions, (await waits).predictions]).toEqual([[2], [4]]);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])("a delay of %s ms is refused", (maxBatchDelayMs) => {
    expect(() => createBatchingPredictor(createRecorder(doubleRows), { maxBatchSize: 8, maxBatchDelayMs })).toThrow(
      `maxBatchDelayMs: expected 0 to 2147483647, got ${maxBatchDelayMs}`,
    );
  });
});
