import { Buffer } from "node:buffer";
import { jest } from "@jest/globals";
import { InferenceError } from "../../src/errors.ts";
import { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { RowValues } from "../../src/inference/row-and-tensor-values.ts";
import type { Values } from "../../src/inference/values.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { JsonRows } from "../../src/protocol/v1/json-rows.ts";
import { serve } from "../../src/server/serve.ts";
import { createTensor } from "../../src/tensor/tensor.ts";
import { AskedViews } from "../../src/transformer/asked-views.ts";
import { Transformer } from "../../src/transformer/transformer.ts";
import { Turns } from "../../src/turns.ts";

const decode = (instances: string): InferRequest =>
  selectCodec("v1").decodeRequest(
    { headers: { "content-type": "application/json" }, body: [Buffer.from(`{"instances":[${instances}]}`)] },
    { modelName: "m", limits: DEFAULT_LIMITS },
  );

const records = (count: number): InferRequest => decode(Array(count).fill('{"age":41,"name":"abc"}').join(","));
const columns = (...shape: number[]): InferRequest => {
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  return InferRequest.create({ modelName: "m", inputs: [createTensor("input-0", "FP32", shape, data)] });
};

/** 800 kB, 200 kB, 25 bytes. */
const [LARGE, MIDDLING, LITTLE] = [33_000, 8000, 1];

/** Prepares where each look at the clock ends a turn: turns that were waited for, and times that the view's code ran. */
async function prepared(views: AskedViews, request: InferRequest): Promise<{ turns: number; made: number }> {
  const { values } = request;
  const derive = jest.spyOn(values as Required<Values>, "derive");
  const isOver = jest.spyOn(Turns.prototype, "isOver", "get").mockReturnValue(true);
  const next = jest.spyOn(Turns.prototype, "next");
  try {
    await views.prepare(request, undefined);
    return { turns: next.mock.calls.length, made: derive.mock.calls.length };
  } finally {
    for (const spy of [derive, isOver, next]) spy.mockRestore();
  }
}

const isPrepared = async (views: AskedViews, request: InferRequest): Promise<boolean> =>
  (await prepared(views, request)).made > 0;

describe("the view that a hook may ask for is made in turns before it is called", () => {
  test("of the first large content, which does not count as asked", async () => {
    const views = new AskedViews();
    const request = records(LARGE);
    const { turns, made } = await prepared(views, request);
    expect(made).toBeGreaterThan(1);
    expect(turns).toBeGreaterThan(1);
    expect(request.values.isDerivedAsked).toBe(false);
    const isOver = jest.spyOn(Turns.prototype, "isOver", "get");
    expect(request.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["age", [LARGE]],
      ["name", [LARGE]],
    ]);
    expect(isOver).not.toHaveBeenCalled();
    isOver.mockRestore();
    expect(request.values.isDerivedAsked).toBe(true);
  });

  test("of no other, where the hook did not ask for it; of each one where it did", async () => {
    const views = new AskedViews();
    const first = records(LARGE);
    expect(await isPrepared(views, first)).toBe(true);
    void first.instances;
    views.learn(first);
    expect(await isPrepared(views, records(LARGE))).toBe(false);
    expect(await isPrepared(views, columns(300, 300))).toBe(true);
    const asked = records(LITTLE);
    void asked.inputs;
    views.learn(asked);
    expect(await isPrepared(views, records(LARGE))).toBe(true);
    expect(await isPrepared(views, records(MIDDLING))).toBe(true);
    expect(views.prepare(asked, undefined)).toBeUndefined();
  });

  test("of nothing that takes no long, and small contents say nothing of large ones", async () => {
    const views = new AskedViews();
    const [little, middling] = [records(LITTLE), records(MIDDLING)];
    for (const request of [little, middling]) {
      expect(views.prepare(request, undefined)).toBeUndefined();
      void request.instances;
      views.learn(request);
    }
    expect(await isPrepared(views, records(LARGE))).toBe(true);
  });

  test("of a content that has no body the first alone is tried", async () => {
    const views = new AskedViews();
    const first = columns(300, 300);
    expect(await isPrepared(views, first)).toBe(true);
    views.learn(first);
    const second = columns(300, 300);
    expect(views.prepare(second, undefined)).toBeUndefined();
    void second.instances;
    views.learn(second);
    expect(await isPrepared(views, columns(300, 300))).toBe(true);
  });

  test("of no more than 128 MiB, unless the hook asks for it", async () => {
    const views = new AskedViews();
    const many = columns(2_200_000, 1);
    const toRows = jest.fn();
    const values = {
      ...many.values,
      native: "tensors",
      tensors: () => many.inputs,
      derive: toRows,
    } as unknown as Values;
    const request = { source: undefined, values };
    await views.prepare(request, undefined);
    expect(toRows).not.toHaveBeenCalled();
    views.learn({ source: undefined, values: { ...values, isDerivedAsked: true } });
    await views.prepare(request, undefined);
    expect(toRows).toHaveBeenCalled();
  });

  test("what is wrong is told when it is asked for, and found once", async () => {
    const views = new AskedViews();
    const request = decode(`${Array(LARGE).fill('{"age":41,"name":"abc"}').join(",")},{"age":1}`);
    expect(await isPrepared(views, request)).toBe(true);
    const ask = (): unknown => {
      try {
        return request.inputs;
      } catch (error) {
        return error;
      }
    };
    const error = ask();
    expect(error).toBeInstanceOf(InferenceError);
    expect((error as Error).message).toContain(`instances[${LARGE}].name: missing`);
    expect(ask()).toBe(error);
    views.learn(request);
    expect(await isPrepared(views, records(MIDDLING))).toBe(true);
  });

  test("an abort ends it with its reason; values of others have no view to be made", async () => {
    const views = new AskedViews();
    const isOver = jest.spyOn(Turns.prototype, "isOver", "get").mockReturnValue(true);
    try {
      await expect(views.prepare(records(LARGE), AbortSignal.abort(new Error("left")))).rejects.toThrow("left");
    } finally {
      isOver.mockRestore();
    }
    const others: Values = { native: "rows", rows: () => [], tensors: () => [] };
    await views.prepare({ source: undefined, values: others }, undefined);
    views.learn({ source: undefined, values: others });
  });
});

describe("in the pipeline", () => {
  const quiet = createLogger({ level: "silent" });

  async function posted(transformer: Transformer, ...counts: number[]): Promise<number[]> {
    const server = await serve({ m: { transformer } }, { port: 0, host: "127.0.0.1", log: quiet });
    try {
      const statuses: number[] = [];
      for (const count of counts) {
        const body = `{"instances":[${Array(count).fill('{"age":41,"name":"abc"}').join(",")}]}`;
        const response = await fetch(`${server.url}/v1/models/m:predict`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
        });
        await response.arrayBuffer();
        statuses.push(response.status);
      }
      return statuses;
    } finally {
      await server.close();
    }
  }

  test("each hook has what it asks of the first request, also of what the hook before it made", async () => {
    const found: [string, boolean][] = [];
    const derive = jest.spyOn(RowValues.prototype, "derive");
    class Hooked extends Transformer {
      override preprocess(request: InferRequest): InferRequest {
        found.push(["preprocess", derive.mock.calls.length > 0]);
        return request.withInstances(request.instances);
      }

      override predict(request: InferRequest) {
        found.push(["predict", derive.mock.contexts.includes(request.values as never)]);
        return request.reply({ predictions: request.inputs.map(({ name }) => name) });
      }

      override postprocess(response: InferResponse) {
        found.push(["postprocess", derive.mock.contexts.includes(response.values as never)]);
        return response;
      }
    }
    try {
      expect(await posted(new Hooked(), 1)).toEqual([200]);
    } finally {
      derive.mockRestore();
    }
    expect(found).toEqual([
      ["preprocess", false],
      ["predict", true],
      ["postprocess", true],
    ]);
  });

  test("a hook that throws has asked nevertheless", async () => {
    const derive = jest.spyOn(JsonRows.prototype, "derive");
    class Refusing extends Transformer {
      override preprocess(request: InferRequest): never {
        throw new InferenceError(`${request.inputs.length} columns are too many`, { code: "invalid_argument" });
      }
    }
    try {
      expect(await posted(new Refusing(), LITTLE, MIDDLING)).toEqual([400, 400]);
      expect(derive).toHaveBeenCalled();
    } finally {
      derive.mockRestore();
    }
  });
});
