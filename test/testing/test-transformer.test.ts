import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import type { JsonObject } from "../../src/tensor/json-value.ts";
import { createTensor } from "../../src/tensor/tensor.ts";
import { record, replay, startMockPredictor, testTransformer, v1Request } from "../../src/testing/index.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

class Doubled extends Transformer {
  override postprocess(response: InferResponse): InferResponse {
    return response.withPredictions(response.predictions.map((value) => Number(value) * 2));
  }
}

class Broken extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    return (request as unknown as { nothing: { there: InferRequest } }).nothing.there;
  }
}

describe("testTransformer", () => {
  test("a hook's own error is the cause, with its own stack", async () => {
    const response = await testTransformer(Broken, { predictor: { predictions: [] } }).predict({ instances: [1] });
    expect([response.status, response.error]).toEqual([500, expect.objectContaining({ name: "TypeError" })]);
    const read = () => response.predictions;
    expect(read).toThrow("because of TypeError: Cannot read properties of undefined (reading 'there')");
    expect(read).toThrow(/at Broken\..*preprocess.* \(.*test-transformer\.test\.ts:\d+:\d+\)$/);
    try {
      read();
    } catch (error) {
      expect(String((error as Error & { cause: Error }).cause.stack)).toContain("test-transformer.test.ts");
    }
  });

  test("a misspelt hook is an error, since it would never run", async () => {
    class Misspelt extends Transformer {
      preproces(request: InferRequest): InferRequest {
        return request;
      }
    }
    const sent = testTransformer(Misspelt, { predictor: { predictions: [] } }).predict({ instances: [1] });
    await expect(sent).rejects.toThrow("Misspelt: 'preproces' is no hook and never runs: did you mean 'preprocess'?");
  });

  test("a misspelt model is a 404 that names the one that was meant", async () => {
    const tested = testTransformer(Doubled, { modelName: "flowers", predictor: { predictions: [] } });
    const request = { ...v1Request({ instances: [1] }), path: "/v1/models/flower:predict" };
    const { status, json } = await tested.predict(request);
    expect([status, json]).toMatchObject([404, { error: "model 'flower' does not exist: did you mean 'flowers'?" }]);
  });

  test("an un-awaited tensor is the error that it is in a server", async () => {
    class Forgetful extends Transformer {
      override preprocess(request: InferRequest): InferRequest {
        const tensor = Promise.resolve(createTensor("x", "FP32", [1], new Float32Array(1)));
        return request.withInputs([tensor as never]);
      }
    }
    const response = await testTransformer(Forgetful, { predictor: { predictions: [] } }).predict({ instances: [1] });
    expect(() => response.predictions).toThrow("await");
  });

  test("a mock predictor is connected in one line", async () => {
    const mock = await startMockPredictor({ answer: () => ({ predictions: [21] }) });
    const tested = testTransformer(Doubled, { predictor: mock });
    expect((await tested.predict({ instances: [1] })).predictions).toEqual([42]);
    expect(mock.requests.map(({ path }) => path)).toEqual(["/v1/models/model:predict"]);
    mock.fail({ status: 503 }, 1);
    expect((await tested.predict({ instances: [1] })).status).toBe(503);
    await tested.close();
  });

  test("hooks of completions are tested, whole and as a stream", async () => {
    class Loud extends Transformer {
      override preprocessCompletion = (body: JsonObject) => ({ ...body, asked: true });
      override postprocessCompletion = (body: JsonObject) => ({ ...body, loud: true });
      override postprocessChunk = (chunk: JsonObject) => ({ ...chunk, loud: true });
    }
    const bodies: JsonObject[] = [];
    const completions = (body: JsonObject) => {
      bodies.push(body);
      return body["stream"] === true ? [{ n: 1 }, { n: 2 }] : { text: "hello" };
    };
    const tested = testTransformer(Loud, { completions });
    const whole = await tested.complete("chat/completions", { model: "model" });
    expect([whole.status, whole.json, bodies]).toEqual([
      200,
      { text: "hello", loud: true },
      [{ model: "model", asked: true }],
    ]);
    const stream = await tested.complete("chat/completions", { model: "model", stream: true });
    expect(stream.events).toEqual([
      { n: 1, loud: true },
      { n: 2, loud: true },
    ]);
    expect((await tested.complete("generate", { text_input: "a" })).json).toEqual({ text: "hello", loud: true });
  });

  test("a load that fails is what the test is told", async () => {
    class Unloadable extends Transformer {
      override load(): void {
        throw new RangeError("no labels");
      }
    }
    await expect(testTransformer(Unloadable).predict({ instances: [1] })).rejects.toThrow("no labels");
  });
});

describe("record and replay", () => {
  const folder = mkdtempSync(join(tmpdir(), "record-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(["v1", "v2"] as const)("what a %s predictor said is said again, without it", async (protocol) => {
    const file = join(folder, `${protocol}.json`);
    const mock = await startMockPredictor({
      protocol,
      answer: ({ inputs }) => ({ outputs: inputs.map((tensor) => ({ ...tensor, name: "y" })) }),
    });
    const body = { instances: [1.5, 2.5] };
    const recording = testTransformer(Doubled, { predictor: record(mock, file) });
    const first = await recording.predict(body);
    await recording.close();
    const replaying = testTransformer(Doubled, { predictor: replay(file) });
    expect((await replaying.predict(body)).predictions).toEqual(first.predictions);
    expect(first.predictions).toEqual([3, 5]);
    const other = await replaying.predict({ instances: [9] });
    expect(() => other.predictions).toThrow("has no response to this request; record it again");
  });
});
