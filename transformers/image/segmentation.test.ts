import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTensor } from "kserve-transformer";
import { testTransformer, v2Request } from "kserve-transformer/testing";
import sharp from "sharp";
import createImageTransformer from "./transformer.ts";

let folder: string;
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "segmenter-"));
  write("preprocessor_config.json", {
    feature_extractor_type: "SegformerFeatureExtractor",
    size: 32,
    reduce_labels: true,
  });
  write("config.json", {
    architectures: ["SegformerForSemanticSegmentation"],
    id2label: { 0: "sky", 1: "sea", 2: "sand" },
  });
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  rmSync(folder, { recursive: true });
});

const write = (file: string, content: object): void => writeFileSync(join(folder, file), JSON.stringify(content));

async function start(env: Record<string, string> = {}) {
  const transformer = await createImageTransformer({ env: { IMAGE_MODEL_FOLDER: folder, ...env } });
  const tested = testTransformer(transformer, { predictor: { outputs: [LOGITS] } });
  open.push(tested);
  return tested;
}

const png = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: "#336699" } })
    .png()
    .toBuffer();

/** Three classes of two columns: sky on the left, sand on the right, no sea. */
const LOGITS = createTensor("logits", "FP32", [1, 3, 1, 2], Float32Array.of(4, 0, 1, 1, 0, 4));
const HALVES = [
  { label: "sky", mask: { size: [100, 40], counts: [0, 2000, 2000] } },
  { label: "sand", mask: { size: [100, 40], counts: [2000, 2000] } },
];

test("a folder of SegFormer answers the masks that are on the client's own picture", async () => {
  const tested = await start();
  const { status, json } = await tested.predict({ instances: [{ b64: (await png(40, 100)).toString("base64") }] });
  expect([status, json]).toEqual([200, { predictions: [HALVES] }]);
  expect(tested.sent[0]?.input("pixel_values").shape).toEqual([1, 3, 32, 32]);
});

test("IMAGE_MASKS=png gives grey pictures, and a V2 client gets them as JSON texts", async () => {
  const tested = await start({ IMAGE_MASKS: "png", MODEL_LABELS: "a,b,c" });
  const request = v2Request([createTensor("picture", "BYTES", [1], [await png(40, 100)])], { binary: true });
  const { outputs } = await tested.predict(request);
  const [text] = (outputs[0]?.data ?? []) as Uint8Array[];
  const segments = JSON.parse(Buffer.from(text ?? []).toString("utf8")) as { label: string; mask: string }[];
  expect(segments.map(({ label }) => label)).toEqual(["a", "c"]);
  const mask = sharp(Buffer.from(segments[1]?.mask ?? "", "base64"));
  expect(await mask.metadata()).toMatchObject({ width: 40, height: 100, channels: 1 });
  const pixels = await mask.extractChannel(0).raw().toBuffer();
  expect([pixels[0], pixels[19], pixels[20], pixels.at(-1)]).toEqual([0, 0, 255, 255]);
});

test.each<[string, Record<string, string>, string]>([
  [
    "another form",
    { IMAGE_MASKS: "polygon" },
    "environment variable IMAGE_MASKS: expected one of rle, png; got 'polygon'",
  ],
  [
    "a threshold",
    { IMAGE_SCORE_THRESHOLD: "0.5" },
    "environment variable IMAGE_SCORE_THRESHOLD: expected none, since the folder is of no detector; got '0.5'",
  ],
  [
    "a number of labels",
    { IMAGE_TOP_K: "3" },
    "environment variable IMAGE_TOP_K: expected none, since the folder is of no classifier with labels; got '3'",
  ],
])("%s is refused at the start", async (_, env, message) => {
  await expect(createImageTransformer({ env: { IMAGE_MODEL_FOLDER: folder, ...env } })).rejects.toThrow(message);
});

test("a folder of instance segmentation passes its outputs on", async () => {
  write("config.json", { architectures: ["SegformerForInstanceSegmentation"] });
  const { json } = await (await start()).predict({ instances: [{ b64: (await png(4, 4)).toString("base64") }] });
  expect(json).toEqual({ predictions: [[[[4, 0]], [[1, 1]], [[0, 4]]]] });
});
