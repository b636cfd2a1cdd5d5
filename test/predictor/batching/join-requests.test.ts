import { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferOptions } from "../../../src/inference/inference-client.ts";
import { RowValues } from "../../../src/inference/row-and-tensor-values.ts";
import { createBatchingPredictor } from "../../../src/predictor/batching/batching-predictor.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { joinChunks } from "../../../src/protocol/body-bytes.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { selectCodec } from "../../../src/protocol/select-codec.ts";
import type { Parameters } from "../../../src/tensor/tensor.ts";

const headers = { "content-type": "application/json" };
const codec = selectCodec("v1");
const v1 = (text: string): InferRequest =>
  codec.decodeRequest({ headers, body: [Buffer.from(text)] }, { modelName: "m", limits: DEFAULT_LIMITS });
const textOf = ({ source }: { source: InferRequest["source"] | undefined }): string =>
  joinChunks(source?.message.body ?? []).toString();

/** A V1 predictor behind batches that answers with the rows as they were written, and keeps the bodies and options it got. */
function createEcho(): { predictor: Predictor; bodies: string[]; options: InferOptions[] } {
  const bodies: string[] = [];
  const options: InferOptions[] = [];
  const echo: Predictor = {
    description: "echo",
    infer: async (request, own = {}) => {
      const body = request.source === undefined ? JSON.stringify({ instances: request.instances }) : textOf(request);
      bodies.push(body);
      options.push(own);
      own.observe?.({ direction: "request", protocol: "v1", path: "/", headers, body: [Buffer.from(body)] });
      const message = { headers, body: [Buffer.from(body.replace("instances", "predictions"))] };
      return codec.decodeResponse(message, { modelName: "m", limits: DEFAULT_LIMITS });
    },
    ready: async () => true,
    metadata: async () => undefined,
    close: async () => undefined,
  };
  return { predictor: createBatchingPredictor(echo, { maxBatchSize: 8, maxBatchDelayMs: 20 }), bodies, options };
}

describe("rows of V1 bodies that share a call", () => {
  test("go on, and come back, as they were written", async () => {
    const { predictor, bodies } = createEcho();
    const asked = [
      '{"instances": [[1.0, 2e0],[ 12345678901234567890.5,-0]],"a":1}',
      '{"instances": [ [1, 7.250]],"a":1}',
    ];
    const responses = await Promise.all(asked.map((text) => predictor.infer(v1(text))));
    expect(bodies).toEqual(['{"instances": [[1.0, 2e0],[ 12345678901234567890.5,-0],[1, 7.250]],"a":1}']);
    expect(responses.map(textOf)).toEqual([
      '{"predictions": [[1.0, 2e0],[ 12345678901234567890.5,-0]],"a":1}',
      '{"predictions": [[1, 7.250]],"a":1}',
    ]);
    expect(responses.map(({ predictions }) => predictions.length)).toEqual([2, 1]);
  });

  // Each pair would be another array in numpy or pandas than its rows are alone, or another body around them.
  test.each([
    ["[[1.0]]", '["a"]'],
    ["[[1]]", '[["a"]]'],
    ["[1]", "[true]"],
    ["[1]", "[null]"],
    ["[[1.5]]", "[[12345678901234567890]]"],
    ["[[1,2]]", "[[1,2,3]]"],
    ["[[[1,2]]]", "[[[1],[2]]]"],
    ['[{"a":1,"b":2}]', '[{"b":1,"a":2}]'],
    ['[{"a":1}]', '[{"a":"1"}]'],
    ["[[]]", "[[1]]"],
    ['[1],"t":1', '[1],"t":1.0'],
    ['[1],"t":1', '[1],"t":"1"'],
  ])("%s and %s share none", async (...rows) => {
    const { predictor, bodies } = createEcho();
    const asked = rows.map((text) => `{"instances":${text}}`);
    const responses = await Promise.all(asked.map((text) => predictor.infer(v1(text))));
    expect(bodies).toEqual(asked);
    expect(responses.map(textOf)).toEqual(asked.map((text) => text.replace("instances", "predictions")));
  });

  test("rows of several forms in one request go alone", async () => {
    const { predictor, bodies } = createEcho();
    const asked = ['{"instances":[1,"a"]}', '{"instances":[1,"a"]}', '{"instances":[]}'];
    await Promise.all(asked.map((text) => predictor.infer(v1(text))));
    expect(bodies).toEqual(asked);
  });
});

describe("requests that hooks made", () => {
  const made = (parameters: Parameters): InferRequest =>
    new InferRequest({ modelName: "m", content: { parameters, members: {}, values: new RowValues([1], "input") } });

  test.each<[Parameters, Parameters, number]>([
    [{ a: 1 }, { a: 1 }, 1],
    [{ a: 1 }, { a: "1" }, 2],
    [{ a: 12345678901234567890n }, { a: "12345678901234567890n" }, 2],
    [{ a: 0 }, { a: -0 }, 2],
    [{ a: Number.NaN }, { a: Number.POSITIVE_INFINITY }, 2],
  ])("with parameters %p and %p become %d calls", async (first, second, calls) => {
    const { predictor, bodies } = createEcho();
    await Promise.all([predictor.infer(made(first)), predictor.infer(made(second))]);
    expect(bodies.length).toBe(calls);
  });
});

describe("a call for several requests", () => {
  test("has nobody's deadline, and each is told of its bytes", async () => {
    const { predictor, options } = createEcho();
    const told: number[] = [];
    const ask = (index: number, timeout: string) =>
      predictor.infer(v1(`{"instances":[${index}]}`), {
        headers: {
          "x-request-timeout-ms": timeout,
          "grpc-timeout": "5m",
          "x-request-id": `r${index}`,
          authorization: "a",
        },
        observe: () => void told.push(index),
      });
    await Promise.all([ask(1, "5"), ask(2, "60000")]);
    expect(options.map((own) => own.headers)).toEqual([{ "x-request-id": "r1", authorization: "a" }]);
    expect(told).toEqual([1, 2]);
  });
});
