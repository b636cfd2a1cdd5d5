import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createTensor, type InferResponse, type Predictor, serve, Transformer } from "kserve-transformer";
import { createPredictor } from "kserve-transformer/predictor";
import { type TestRequest, v1Request, v2Request } from "kserve-transformer/testing";
import ClothingTransformer from "../../examples/clothing/clothing.ts";
import { ask } from "./ask.ts";
import { recordPredictor } from "./record-predictor.ts";

const shared = process.env["KSERVE_TRANSFORMER_SHARED"] ?? resolve("..", "shared");
const savedModel = join(shared, "clothing", "model", "saved_model");
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const drawings = ["dress", "hat", "longsleeve", "outwear", "pants", "shirt", "shoes", "shorts", "skirt", "t-shirt"];
const readDrawing = (name: string) => readFileSync(here(`../../examples/clothing/drawings/${name}.jpg`));

/** A server of TensorFlow Serving's messages over the clothing model as TensorFlow saved it. */
async function startTensorFlow(): Promise<{ readonly address: string; stop(): void }> {
  const venv = execFileSync(here("./make-venv.sh"), ["tensorflow-serving"], { encoding: "utf8" }).trim();
  const child: ChildProcess = spawn(
    join(venv, "bin", "python"),
    [here("./tensorflow-serving/server.py"), "0", "clothes", savedModel],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  if (child.stdout === null) throw new Error("the server has no output");
  for await (const line of createInterface(child.stdout)) {
    const port = /^listening (\d+)$/.exec(line)?.[1];
    if (port !== undefined) return { address: `127.0.0.1:${port}`, stop: () => child.kill() };
  }
  throw new Error("TensorFlow's server ended before it listened");
}

class Plain extends Transformer {}

(existsSync(savedModel) ? describe : describe.skip)("TensorFlow's SavedModel behind gRPC", () => {
  let tensorflow: { readonly address: string; stop(): void };
  beforeAll(async () => {
    tensorflow = await startTensorFlow();
  });
  afterAll(() => tensorflow?.stop());

  const predictorOf = (): Promise<Predictor> =>
    createPredictor(tensorflow.address, { protocol: "grpc-v1", modelName: "clothes" });

  async function askService(source: new () => Transformer, predictor: Predictor, request: TestRequest) {
    const service = await serve(source, { modelName: "clothes", host: "127.0.0.1", port: 0, predictor });
    try {
      await service.ready();
      return await ask(service.url, "clothes", request);
    } finally {
      await service.close();
    }
  }

  test("says that it is ready, and what it takes", async () => {
    const predictor = await predictorOf();
    expect(await predictor.ready()).toBe(true);
    expect(await predictor.metadata()).toEqual({
      name: "clothes",
      versions: ["1"],
      platform: "tensorflow",
      inputs: [{ name: "image", datatype: "FP32", shape: [-1, 192, 192, 3] }],
      outputs: [{ name: "logits", datatype: "FP32", shape: [-1, 10] }],
    });
    await predictor.close();
  });

  test("ten drawings are classified right, with logits near those of the ONNX export, whose weights are int8", async () => {
    const images = v2Request([createTensor("image", "BYTES", [drawings.length], drawings.map(readDrawing))], {
      binary: true,
    });
    const logits: (readonly number[])[] = [];
    const onnx = await createPredictor(`onnx:${here("../../examples/clothing/clothing.onnx")}`);
    for (const predictor of [await predictorOf(), onnx]) {
      const recorded = recordPredictor(predictor);
      const answer = await askService(ClothingTransformer, recorded.predictor, images);
      expect([answer.status, answer.status === 200 ? "" : answer.json["error"]]).toEqual([200, ""]);
      expect(answer.response.predictions.map(topLabel)).toEqual(drawings);
      logits.push([...((recorded.received[0] as InferResponse).output("logits", "FP32").data as Float32Array)]);
    }
    const distance = Math.max(...(logits[0] ?? []).map((value, index) => Math.abs(value - (logits[1]?.[index] ?? 0))));
    expect(logits[0]).toHaveLength(100);
    expect(distance).toBeLessThan(0.5);
  });

  test("rows of a V1 client go as floats under the signature's name; the answer is read in both forms", async () => {
    const row = Array.from({ length: 192 }, () => Array.from({ length: 192 }, () => [0.5, -0.25, 1]));
    const typed = await askService(Plain, await predictorOf(), v1Request({ instances: [row, row] }));
    expect(typed.status).toBe(200);
    expect(typed.response.predictions).toHaveLength(2);
    const predictor = await predictorOf();
    const inOneBlock: Predictor = {
      description: predictor.description,
      infer: (request, options) => predictor.infer(request, { ...options, headers: { "tensor-content": "1" } }),
      ready: (options) => predictor.ready(options),
      metadata: (options) => predictor.metadata(options),
      close: () => predictor.close(),
    };
    const block = await askService(Plain, inOneBlock, v1Request({ instances: [row, row] }));
    expect(block.response.predictions).toEqual(typed.response.predictions);
  });

  test.each<[string, TestRequest, number, string]>([
    ["another input", v2Request([createTensor("wrong", "FP32", [1], Float32Array.of(1))]), 400, "expected ['image']"],
    ["another datatype", v2Request([createTensor("image", "FP64", [1], Float64Array.of(1))]), 400, "expected float32"],
    ["another signature", v1Request({ signature_name: "nope", inputs: { image: [1] } }), 400, '"nope" not found'],
  ])("%s is TensorFlow's own error", async (_, request, status, text) => {
    const answer = await askService(Plain, await predictorOf(), request);
    expect([answer.status, String(answer.json["error"])]).toEqual([status, expect.stringContaining(text)]);
  });

  test("a model that is not there is a 404, and not ready", async () => {
    const predictor = await createPredictor(tensorflow.address, {
      protocol: "grpc-v1",
      modelName: "clothes",
      predictorModelName: "nope",
    });
    expect(await predictor.ready()).toBe(false);
    const request = v2Request([createTensor("image", "FP32", [1], Float32Array.of(1))]);
    const answer = await askService(Plain, predictor, request);
    expect([answer.status, String(answer.json["error"])]).toEqual([404, expect.stringContaining("Servable not found")]);
  });
});

/** The label of the largest score in a response of label scores. */
function topLabel(prediction: unknown): string {
  const scores = typeof prediction === "string" ? JSON.parse(prediction) : prediction;
  const [top] = Object.entries(scores as Record<string, number>).sort(([, a], [, b]) => b - a);
  return top?.[0] ?? "";
}
