import { create, toBinary } from "@bufbuild/protobuf";
import type { ServiceError } from "@grpc/grpc-js";
import { InferenceError } from "../../../src/errors.ts";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createEchoPredictor } from "../../../src/predictor/embedded/echo-predictor.ts";
import { ModelInferRequestSchema } from "../../../src/protocol/grpc/gen/inference_pb.ts";
import { MODEL_INFER } from "../../../src/protocol/grpc/infer-message.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";
import { callUnary, connect } from "../grpc/grpc-fixtures.ts";

const LONG = "n".repeat(300_000);
const WIDE = "\u{1f600}".repeat(100_000);

class Picky extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    if (request.parameters["own"] !== undefined) throw new InferenceError(`no ${LONG}`, { code: "unavailable" });
    if (request.parameters["bug"] !== undefined) {
      const inner = new RangeError(`inner ${LONG}`);
      throw Object.assign(new TypeError(`bug ${LONG}`, { cause: new AggregateError([inner], LONG) }), { url: LONG });
    }
    return request.withInputs(request.inputs);
  }
}

const V1 = "/v1/models/m:predict";
const V2 = "/v2/models/m/infer";
const CHAT = "/openai/v1/chat/completions";
const input = (more: object) => ({ inputs: [{ name: "x", datatype: "FP32", shape: [1], data: [1], ...more }] });
const event = { specversion: "1.0", id: "1", source: "/s", type: "t" };

/** What a client sends, and what the message says behind its cut. */
const REQUESTS: readonly [string, string, object, string][] = [
  ["a key of a V1 row", V1, { instances: [{ [LONG]: [1, [2]] }] }, "instances"],
  ["a key of a V1 row, wide", V1, { instances: [{ [WIDE]: [1, [2]] }] }, "instances"],
  ["a name of V1 inputs", V1, { inputs: { [LONG]: [1, [2]] } }, "inputs"],
  ["a V2 tensor's name", V2, input({ name: LONG, shape: [2] }), "got 1"],
  ["a V2 tensor's datatype", V2, input({ datatype: LONG }), "datatype"],
  ["a V2 parameter", V2, input({ parameters: { [LONG]: {} } }), "parameter"],
  ["an event's row", V1, { ...event, data: { instances: [{ [LONG]: [1, [2]] }] } }, "instances"],
  ["an event's attribute", V1, { ...event, data: 1, [LONG]: [] }, "error"],
  ["a completion's model", CHAT, { model: LONG, messages: [] }, "no predictor"],
  ["a hook's own words", V2, { ...input({}), parameters: { own: 1 } }, "no nnn"],
  ["an exception of a hook", V2, { ...input({}), parameters: { bug: 1 } }, "internal error"],
];

type Contents = { readonly name?: string; readonly datatype?: string; readonly shape?: bigint[] };
const message = (model: string, { name = "x", datatype = "FP32", shape = [1n] }: Contents) =>
  toBinary(
    ModelInferRequestSchema,
    create(ModelInferRequestSchema, {
      modelName: model,
      inputs: [{ name, datatype, shape, contents: { fp32Contents: [1] } }],
    }),
  );

const CALLS: readonly [string, Uint8Array, string][] = [
  ["a tensor's name", message("m", { name: LONG, shape: [2n] }), "got 1"],
  ["a tensor's name, wide", message("m", { name: WIDE, shape: [2n] }), "got 1"],
  ["a tensor's datatype", message("m", { datatype: LONG }), "datatype"],
  ["a model's name", message(LONG, {}), "does not exist"],
];

describe("what a client sent is not repeated whole", () => {
  const lines: string[] = [];
  let server: ServerHandle;
  beforeAll(async () => {
    server = await serve(Picky, {
      host: "127.0.0.1",
      port: 0,
      modelName: "m",
      log: createLogger({ level: "debug", destination: { write: (line) => void lines.push(line) } }),
      predictor: createEchoPredictor(),
    });
    await server.ready();
  });
  beforeEach(() => lines.splice(0));
  afterAll(() => server.close());
  afterEach(() => {
    expect(lines.length).toBeGreaterThan(0);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(200_000);
  });

  test.each(REQUESTS)("over HTTP: %s", async (_name, path, body, said) => {
    const text = JSON.stringify(body);
    const headers = "specversion" in body ? { "content-type": "application/cloudevents+json" } : {};
    const answered = await fetch(server.url + path, { method: "POST", headers, body: text });
    const told = await answered.text();
    expect({ told, length: told.length < 20_000 }).toEqual({ told: expect.stringContaining(said), length: true });
    expect(answered.ok).toBe(false);
  });

  test.each(CALLS)("over gRPC: %s", async (_name, bytes, said) => {
    const client = connect(server.port);
    const failed = await callUnary(client, MODEL_INFER, bytes).catch((thrown: ServiceError) => thrown);
    client.close();
    const { details } = failed as ServiceError;
    expect(encodeURI(details).length).toBeLessThan(4200);
    expect(details).toContain(said);
  });
});
