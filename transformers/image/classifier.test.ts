import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTensor, type Tensor } from "kserve-transformer";
import { testTransformer } from "kserve-transformer/testing";
import sharp from "sharp";
import createImageTransformer from "./transformer.ts";

const folder = mkdtempSync(join(tmpdir(), "classifier-"));
const write = (file: string, content: object): void => writeFileSync(join(folder, file), JSON.stringify(content));
write("preprocessor_config.json", { image_processor_type: "ViTImageProcessor", size: 8 });
write("config.json", {
  architectures: ["ViTForImageClassification"],
  problem_type: "multi_label_classification",
  id2label: { 0: "cat", 1: "dog" },
});
afterAll(() => rmSync(folder, { recursive: true }));

async function predict(output: Tensor) {
  const transformer = await createImageTransformer({ env: { IMAGE_MODEL_FOLDER: folder } });
  const tested = testTransformer(transformer, { predictor: { outputs: [output] } });
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: "#336699" } });
  const instances = [{ b64: (await picture.png().toBuffer()).toString("base64") }];
  const { status, json } = await tested.predict({ instances });
  await tested.close();
  return [status, json];
}

test("several labels at once: the sigmoid of each, of a predictor that answers halves too", async () => {
  const [two, zero] = [1 / (1 + Math.exp(-2)), 0.5];
  const ranked = [
    { label: "dog", score: two },
    { label: "cat", score: zero },
  ];
  for (const output of [
    createTensor("logits", "FP32", [1, 2], Float32Array.of(0, 2)),
    createTensor("logits", "FP16", [1, 2], Uint16Array.of(0, 0x4000)),
  ]) {
    expect(await predict(output)).toEqual([200, { predictions: [ranked] }]);
  }
});

test.each<[string, Tensor, string]>([
  [
    "outputs of two pictures for one",
    createTensor("logits", "FP32", [2, 2], new Float32Array(4)),
    "output 'logits' is of 2 pictures, and 1 were sent",
  ],
  [
    "outputs of another number of classes",
    createTensor("logits", "FP32", [1, 3], new Float32Array(3)),
    "output 'logits' of shape [1,3]: expected 2 scores a row, one a label, got 3",
  ],
  [
    "outputs that are text",
    createTensor("logits", "BYTES", [1, 1], [new Uint8Array()]),
    "output 'logits': expected numbers of shape [rows, labels], got BYTES of shape [1,1]",
  ],
  [
    "a score that is no number",
    createTensor("logits", "FP32", [1, 2], Float32Array.of(Number.NaN, 1)),
    "output 'logits': expected finite scores, got NaN for label 'cat' of row 0",
  ],
])("%s are a 502 that says what came", async (_, output, message) => {
  expect(await predict(output)).toEqual([502, expect.objectContaining({ error: message })]);
});
