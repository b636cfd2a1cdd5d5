import { jest } from "@jest/globals";
import { z } from "zod";
import { InferenceError } from "../../src/errors.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import type { RequestContext } from "../../src/inference/request-context.ts";
import { labelScores } from "../../src/labels/label-scores.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import { createTensor } from "../../src/tensor/tensor.ts";
import { type MockPredictor, type MockPredictorOptions, startMockPredictor } from "../../src/testing/mock-predictor.ts";
import { v1Request, v2Request } from "../../src/testing/requests.ts";
import { type TestedTransformer, testTransformer } from "../../src/testing/test-transformer.ts";
import type { TransformerSource } from "../../src/transformer/model.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const bytes = (value: string) => new TextEncoder().encode(value);
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

interface Setup {
  readonly protocol?: "v1" | "v2";
  readonly binary?: "on" | "off";
  readonly mock?: MockPredictorOptions;
  readonly predictorModelName?: string;
}

/** A transformer before a predictor on loopback, which speaks the true protocol. */
async function putBefore(
  source: TransformerSource,
  { protocol = "v2", binary = "on", mock, predictorModelName }: Setup = {},
): Promise<{ model: TestedTransformer; predictor: MockPredictor }> {
  const predictor = await startMockPredictor(mock);
  const client = createHttpPredictor({ host: predictor.url, protocol, binary, modelName: "model", predictorModelName });
  const model = testTransformer(source, { predictor: client });
  opened.push(predictor, model);
  return { model, predictor };
}

/** URL → one float, logits → labels: the main job without pictures. */
class UrlTransformer extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    const rows = request.rows(z.object({ url: z.string().startsWith("http") }));
    const lengths = new Float32Array(rows.map(({ url }) => url.length));
    return request.withInputs([createTensor("length", "FP32", [rows.length, 1], lengths)]);
  }

  override postprocess(response: InferResponse): InferResponse {
    return response.withPredictions(labelScores(response.output(), ["short", "long"]));
  }
}

const LOGITS: MockPredictorOptions = {
  answer: (request) => ({
    outputs: [
      createTensor(
        "logits",
        "FP32",
        [request.input().shape[0] ?? 0, 2],
        new Float32Array(request.inputs.flatMap(({ data }) => Array.from(data as Float32Array).flatMap((n) => [1, n]))),
      ),
    ],
  }),
};

const NOTHING = class extends Transformer {};
const jsonOf = (body: Uint8Array) => JSON.parse(new TextDecoder().decode(body));

describe("flows that break naive designs", () => {
  test("V1 URL client → V2 binary predictor → label objects to a V1 client", async () => {
    const { model, predictor } = await putBefore(UrlTransformer, { mock: LOGITS });
    const answer = await model.predict({ instances: [{ url: "http://a" }, { url: "http://bc" }] });
    expect(answer.json).toEqual({
      predictions: [
        { short: 1, long: 8 },
        { short: 1, long: 9 },
      ],
    });
    expect(predictor.requests[0]?.headers["inference-header-content-length"]).toBeDefined();
  });

  test("the same transformer answers a V2 client, BYTES URLs in, one BYTES tensor of JSON texts out", async () => {
    const { model } = await putBefore(UrlTransformer, { mock: LOGITS });
    const urls = createTensor("url", "BYTES", [2], [bytes("http://a"), bytes("http://bc")]);
    const answer = await model.predict(v2Request([urls], { id: "seven" }));
    expect(answer.json).toEqual({
      id: "seven",
      model_name: "model",
      outputs: [
        {
          name: "predictions",
          datatype: "BYTES",
          shape: [2],
          data: ['{"short":1,"long":8}', '{"short":1,"long":9}'],
        },
      ],
    });
  });

  test("a nameless V2 column of URLs satisfies the schema of one field", async () => {
    const { model } = await putBefore(UrlTransformer, { mock: LOGITS });
    const urls = createTensor("input-0", "BYTES", [1, 1], [bytes("http://a")]);
    expect((await model.predict(v2Request([urls]))).status).toBe(200);
  });

  test("columnar inputs are answered with outputs", async () => {
    const { model } = await putBefore(UrlTransformer, { mock: LOGITS });
    const answer = await model.predict({ inputs: { url: ["http://a", "http://bc"] } });
    expect(answer.json).toEqual({
      outputs: [
        { short: 1, long: 8 },
        { short: 1, long: 9 },
      ],
    });
  });

  test("a bad row is named in the client's own form", async () => {
    const { model } = await putBefore(UrlTransformer, { mock: LOGITS });
    const v1 = await model.predict({ instances: [{ url: "http://a" }, { url: "ftp://b" }] });
    expect([v1.status, v1.json]).toMatchObject([400, { error: expect.stringMatching(/^instances\[1\]\.url: /) }]);
    const urls = createTensor("url", "BYTES", [1], [bytes("ftp://b")]);
    const v2 = await model.predict(v2Request([urls]));
    expect([v2.status, v2.json]).toMatchObject([400, { error: expect.stringMatching(/^inputs\.url\[0\]: /) }]);
  });

  test("whole-valued numbers reach an FP32 model as FP32, under its own names", async () => {
    const { model, predictor } = await putBefore(NOTHING, {
      binary: "off",
      mock: {
        metadata: { inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2] }], outputs: [] },
      },
    });
    expect((await model.predict({ instances: [[1, 2]] })).status).toBe(200);
    expect(jsonOf(predictor.requests[0]?.body ?? bytes("{}")).inputs).toEqual([
      { name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] },
    ]);
  });

  test("a number that an integer model cannot hold exactly is a 400, not a rounding", async () => {
    const { model, predictor } = await putBefore(NOTHING, {
      mock: { metadata: { inputs: [{ name: "x", datatype: "INT64", shape: [-1] }], outputs: [] } },
    });
    const answer = await model.predict({ instances: [1, 2.5] });
    expect([answer.status, answer.json]).toMatchObject([400, { error: expect.stringContaining("instances[1]") }]);
    expect(predictor.requests).toEqual([]);
  });

  test("rows of different sizes pass through V1 and are refused by name towards V2", async () => {
    const ragged = { instances: [[1, 2], [3]] };
    const v1 = await putBefore(NOTHING, { protocol: "v1" });
    expect((await v1.model.predict(ragged)).json).toEqual({ predictions: [[1, 2], [3]] });
    const v2 = await putBefore(NOTHING, { protocol: "v2" });
    const answer = await v2.model.predict(ragged);
    expect([answer.status, answer.json]).toMatchObject([400, { error: expect.stringContaining("instances[1]") }]);
  });

  test("hooks may drop rows and add rows", async () => {
    class Halves extends Transformer {
      override preprocess(request: InferRequest): InferRequest {
        return request.withInstances(request.instances.slice(1));
      }
      override postprocess(response: InferResponse): InferResponse {
        return response.withPredictions(response.predictions.flatMap((row) => [row, row]));
      }
    }
    const { model } = await putBefore(Halves, { protocol: "v1" });
    expect((await model.predict({ instances: [1, 2, 3] })).json).toEqual({ predictions: [2, 2, 3, 3] });
  });

  test("request.reply answers without predict and postprocess", async () => {
    const postprocess = jest.fn((response: InferResponse) => response);
    class Cached extends Transformer {
      override preprocess(request: InferRequest): InferResponse {
        return request.reply({ predictions: ["known"] });
      }
      override postprocess(response: InferResponse): InferResponse {
        return postprocess(response);
      }
    }
    const { model, predictor } = await putBefore(Cached, { protocol: "v1" });
    expect((await model.predict({ instances: [1] })).json).toEqual({ predictions: ["known"] });
    expect([predictor.requests.length, postprocess.mock.calls.length]).toEqual([0, 0]);
  });

  test("a cached answer goes out under the id of each request", async () => {
    class Cache extends Transformer {
      readonly #answers = new Map<string, InferResponse>();
      override async predict(request: InferRequest, context: RequestContext<undefined>): Promise<InferResponse> {
        const known = this.#answers.get(request.digest());
        if (known !== undefined) return known;
        const answer = await context.predictor.infer(request);
        this.#answers.set(request.digest(), answer);
        return answer;
      }
    }
    const { model, predictor } = await putBefore(Cache);
    const tensor = createTensor("x", "FP32", [1], new Float32Array([1.5]));
    const first = await model.predict(v2Request([tensor], { id: "first" }));
    const second = await model.predict(v2Request([tensor], { id: "second" }));
    expect([first.json, second.json]).toMatchObject([{ id: "first" }, { id: "second" }]);
    expect(predictor.requests.length).toBe(1);
  });

  test("KServe's batcher in front: no content type, no header at all", async () => {
    const { model } = await putBefore(UrlTransformer, { mock: LOGITS });
    const request = v1Request({ instances: [{ url: "http://a" }] });
    const answer = await model.predict({ ...request, headers: {} });
    expect(answer.predictions.length).toBe(1);
  });

  test("explain runs preprocess, the hook, postprocess; without the hook it is forwarded", async () => {
    class Explained extends Transformer {
      override explain(request: InferRequest): InferResponse {
        return request.reply({ predictions: request.instances.map((row) => ({ why: row })) });
      }
    }
    const hooked = await putBefore(Explained, { protocol: "v1" });
    expect((await hooked.model.explain({ instances: ["a"] })).json).toEqual({ predictions: [{ why: "a" }] });
    const plain = await putBefore(NOTHING, { protocol: "v1" });
    expect((await plain.model.explain({ instances: ["a"] })).status).toBe(200);
    expect(plain.predictor.requests[0]?.path).toBe("/v1/models/model:explain");
    const tensor = createTensor("x", "FP32", [1], new Float32Array(1));
    expect((await plain.model.predict(v2Request([tensor], { verb: "explain" }))).status).toBe(501);
  });

  test("a mapped model name: the predictor hears its own, the client reads the public one", async () => {
    const { model, predictor } = await putBefore(NOTHING, { binary: "off", predictorModelName: "inner" });
    const tensor = createTensor("x", "FP32", [1], new Float32Array([0.1]));
    const answer = await model.predict(v2Request([tensor], { id: "one" }));
    expect(predictor.requests[0]?.path).toBe("/v2/models/inner/infer");
    expect(answer.json).toMatchObject({ id: "one", model_name: "model" });
  });

  test("an error thrown in a hook keeps its own status, headers and body", async () => {
    class Refusing extends Transformer {
      override preprocess(): InferRequest {
        throw new InferenceError("too many", {
          status: 429,
          headers: { "retry-after": "7" },
          body: { error: "slow down", queue: 12 },
        });
      }
    }
    const { model } = await putBefore(Refusing);
    const answer = await model.predict({ instances: [1] });
    expect([answer.status, answer.headers["retry-after"], answer.json]).toEqual([
      429,
      "7",
      { error: "slow down", queue: 12 },
    ]);
  });

  test("what a hook throws otherwise stays inside: internal error and the request id", async () => {
    class Broken extends Transformer {
      override preprocess(): InferRequest {
        throw new Error("connect ECONNREFUSED 10.0.0.3:5432");
      }
    }
    const { model } = await putBefore(Broken);
    const answer = await model.predict({ ...v1Request({ instances: [1] }), headers: { "x-request-id": "r-1" } });
    expect([answer.status, answer.json]).toEqual([
      500,
      { error: "internal error", code: "internal", request_id: "r-1" },
    ]);
  });

  test("a predictor's error reaches the client with its status, body and Retry-After", async () => {
    const { model, predictor } = await putBefore(UrlTransformer, { mock: LOGITS });
    predictor.fail({ status: 503, headers: { "retry-after": "3" }, body: '{"error":"busy","code":9}' });
    const answer = await model.predict({ instances: [{ url: "http://a" }] });
    expect([answer.status, answer.headers["retry-after"], answer.json]).toEqual([503, "3", { error: "busy", code: 9 }]);
  });

  test("requested outputs filter and order the answer of a hook; an unknown name is a 400", async () => {
    class Two extends Transformer {
      override postprocess(response: InferResponse): InferResponse {
        const one = createTensor("one", "FP32", [1], new Float32Array([1]));
        const two = createTensor("two", "FP32", [1], new Float32Array([2]));
        return response.withOutputs([one, two]);
      }
    }
    const { model, predictor } = await putBefore(Two, { binary: "off" });
    const tensor = createTensor("x", "FP32", [1], new Float32Array([0]));
    const answer = await model.predict(v2Request([tensor], { outputs: ["two", "one"] }));
    expect(answer.outputs.map(({ name }) => name)).toEqual(["two", "one"]);
    expect(jsonOf(predictor.requests[0]?.body ?? bytes("{}")).outputs).toBeUndefined();
    const unknown = await model.predict(v2Request([tensor], { outputs: ["three"] }));
    expect([unknown.status, unknown.json]).toMatchObject([400, { error: expect.stringContaining("three") }]);
  });

  test("V1 members travel to a V1 predictor", async () => {
    const { model, predictor } = await putBefore(UrlTransformer, { protocol: "v1", mock: LOGITS });
    await model.predict({ instances: [{ url: "http://a" }], signature_name: "serving_default" });
    expect(jsonOf(predictor.requests[0]?.body ?? bytes("{}"))).toEqual({
      signature_name: "serving_default",
      instances: [[8]],
    });
  });
});
