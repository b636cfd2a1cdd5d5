import { createTensor, InferRequest, type ServerHandle, serve, type Tensor, Transformer } from "kserve-transformer";
import type { TensorSpec } from "kserve-transformer/tensor";
import { createLogger } from "../../src/observability/logger.ts";
import { createGrpcPredictor } from "../../src/predictor/grpc/grpc-predictor.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import type { Predictor } from "../../src/predictor/predictor.ts";

/** Nothing is hooked but what it declares, and its answer. */
class Declared extends Transformer {
  override readonly inputs: readonly TensorSpec[] = [
    { name: "x", datatype: "FP32", shape: [-1, 2] },
    { name: "label", datatype: "BYTES", shape: [-1] },
  ];
  override predict(request: InferRequest) {
    return request.reply({ predictions: [request.inputs.length] });
  }
}

const x = createTensor("x", "FP32", [1, 2], new Float32Array(2));
const text = [new Uint8Array(1)];
const label = createTensor("label", "BYTES", [1], text);

const FAULTS: readonly (readonly [string, readonly Tensor[], RegExp])[] = [
  [
    "datatype",
    [createTensor("x", "FP64", [1, 2], new Float64Array(2)), label],
    /input 'x': expected datatype FP32, got FP64/,
  ],
  [
    "rank",
    [createTensor("x", "FP32", [2], new Float32Array(2)), label],
    /input 'x': expected shape \[-1,2\], got \[2\]/,
  ],
  [
    "dimension",
    [createTensor("x", "FP32", [1, 3], new Float32Array(3)), label],
    /'x': expected shape \[-1,2\], got \[1,3\]/,
  ],
  ["missing", [x], /input 'label' is missing, the model takes 'x', 'label'/],
  ["unknown", [x, label, { ...x, name: "z" }], /input 'z': the model has no such input/],
];

let handle: ServerHandle;
const clients: Record<string, Predictor> = {};

beforeAll(async () => {
  const log = createLogger({ level: "silent" });
  handle = await serve({ m: { transformer: Declared } }, { port: 0, host: "127.0.0.1", log });
  const host = new URL(handle.url).host;
  clients["V2"] = createHttpPredictor({ host, protocol: "v2", modelName: "m", binary: "off" });
  clients["V2 binary"] = createHttpPredictor({ host, protocol: "v2", modelName: "m", binary: "on" });
  clients["gRPC"] = createGrpcPredictor({ host, modelName: "m" });
});
afterAll(async () => {
  for (const client of Object.values(clients)) await client.close();
  await handle?.close();
});

describe.each(["V2", "V2 binary", "gRPC"])("declared inputs over %s", (protocol) => {
  test.each(FAULTS)("a wrong %s is a 400 that names the tensor", async (_, tensors, message) => {
    const failed = expect(clients[protocol]?.infer(InferRequest.create({ modelName: "m", inputs: tensors }))).rejects;
    await failed.toMatchObject({ code: "invalid_argument", message: expect.stringMatching(message) });
  });
  test("sound ones pass, text as a column too", async () => {
    for (const own of [label, createTensor("label", "BYTES", [1, 1], text)]) {
      await expect(
        clients[protocol]?.infer(InferRequest.create({ modelName: "m", inputs: [x, own] })),
      ).resolves.toBeDefined();
    }
  });
});

test.each([
  [{ instances: [{ x: [1, 2], label: "a" }] }, 200, ""],
  [{ inputs: { x: [[1, 2]], label: ["a"] } }, 200, ""],
  [{ instances: [{ x: [1, 2] }] }, 400, "input 'label' is missing"],
  [{ instances: [{ x: [1, 2], label: "a", z: 1 }] }, 400, "input 'z'"],
  [{ instances: [{ x: [1, 2, 3], label: "a" }] }, 400, "'x': expected shape [-1,2], got [1,3]"],
  [{ inputs: { x: [["a", "b"]], label: ["a"] } }, 400, "inputs.x"],
])("declared inputs over V1: %j", async (body, status, message) => {
  const response = await fetch(`${handle.url}/v1/models/m:predict`, { method: "POST", body: JSON.stringify(body) });
  expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(message)]);
});
