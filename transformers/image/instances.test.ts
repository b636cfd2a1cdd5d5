import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTensor, type Tensor } from "kserve-transformer";
import { testTransformer } from "kserve-transformer/testing";
import sharp from "sharp";
import createImageTransformer from "./transformer.ts";

let folder: string;
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "instances-"));
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  rmSync(folder, { recursive: true });
});

const write = (file: string, content: object): void => writeFileSync(join(folder, file), JSON.stringify(content));

async function predict(outputs: readonly Tensor[], env: Record<string, string> = {}) {
  const transformer = await createImageTransformer({ env: { IMAGE_MODEL_FOLDER: folder, ...env } });
  const tested = testTransformer(transformer, { predictor: { outputs } });
  open.push(tested);
  const picture = sharp({ create: { width: 32, height: 16, channels: 3, background: "#336699" } });
  return tested.predict({ instances: [{ b64: (await picture.png().toBuffer()).toString("base64") }] });
}

const floats = (name: string, shape: readonly number[], values: readonly number[]): Tensor =>
  createTensor(name, "FP32", shape, Float32Array.from(values));

const YOLO = { task: "segment", imgsz: [64, 64], stride: 32, names: { 0: "cat", 1: "dog" } };

/** A dog in the middle of the tensor of 64 × 64, where the picture of 32 × 16 lies in rows 16 to 48. */
const ROW = floats("output0", [1, 7, 1], [32, 32, 16, 16, 0.1, 0.8, 1]);
const PLANES = floats("output1", [1, 1, 16, 16], Array(256).fill(1));
const DOG = { label: "dog", score: 0.8, box: { xmin: 12, ymin: 4, xmax: 20, ymax: 12 } };
const INSIDE = [12 * 16 + 4, ...Array.from({ length: 15 }, () => 8), 11 * 16 + 4 + 16];
const RUNS = { ...DOG, mask: { size: [16, 32], counts: INSIDE } };

test("a segmentation export of Ultralytics answers boxes and masks on the client's own picture", async () => {
  write("metadata.yaml", YOLO);
  const { json, status } = await predict([ROW, PLANES]);
  expect([status, json]).toEqual([200, { predictions: [[RUNS]] }]);
});

test("IMAGE_MASKS=png gives grey pictures, MODEL_LABELS other names", async () => {
  write("metadata.yaml", YOLO);
  const { predictions } = await predict([ROW, PLANES], { IMAGE_MASKS: "png", MODEL_LABELS: "a,b" });
  const [[found] = []] = predictions as unknown as { label: string; mask: string }[][];
  const { width, height } = await sharp(Buffer.from(found?.mask ?? "", "base64")).metadata();
  expect([found?.label, width, height]).toEqual(["b", 32, 16]);
});

test.each([{ end2end: true }, { args: { nms: true } }])("an end-to-end export says so by %j", async (said) => {
  write("metadata.yaml", { ...YOLO, ...said });
  const { json } = await predict([floats("output0", [1, 1, 7], [24, 24, 40, 40, 0.8, 1, 1]), PLANES]);
  expect(json).toEqual({ predictions: [[RUNS]] });
});

const LETTERBOX = { step: "letterbox", size: [64, 64] };

test("preprocessing.json says that there are masks", async () => {
  const detector = { head: "yolov8", masks: true };
  write("preprocessing.json", { pipeline: { steps: [LETTERBOX] }, detector, labels: ["cat", "dog"] });
  expect((await predict([ROW, PLANES])).json).toEqual({ predictions: [[RUNS]] });
});

test("Mask R-CNN of torchvision: a mask within its box is laid on the picture, one of the picture is taken as it is", async () => {
  write("preprocessing.json", {
    torchvision: { transforms: "ObjectDetection" },
    detector: { head: "torchvision", masks: true },
    labels: ["__background__", "cat"],
  });
  const listed = [
    floats("boxes", [2, 4], [4, 4, 12, 12, 0, 0, 9, 9]),
    createTensor("labels", "INT64", [2], BigInt64Array.of(1n, 1n)),
    floats("scores", [2], [0.9, 0.3]),
  ];
  const within = floats("masks", [2, 1, 4, 4], Array(32).fill(1));
  const { json } = await predict([...listed, within]);
  const box = { xmin: 4, ymin: 4, xmax: 12, ymax: 12 };
  const cat = { label: "cat", score: 0.9, box };
  // As paste_masks_in_image lays four ones by four over nine pixels: the corners are cut off.
  const counts = [69, 7, 8, 9, ...Array.from({ length: 6 }, () => [7, 9]).flat(), 8, 7, 308];
  expect(json).toEqual({ predictions: [[{ ...cat, mask: { size: [16, 32], counts } }]] });
  const whole = Array.from({ length: 2 * 16 * 32 }, (_, i) => (i % 32 < 2 ? 0.6 : 0.5));
  const other = await predict([...listed, floats("masks", [2, 1, 16, 32], whole)]);
  expect(other.json).toEqual({ predictions: [[{ ...cat, mask: { size: [16, 32], counts: [0, 32, 30 * 16] } }]] });
});

test.each<[object, string]>([
  [
    { pipeline: { steps: [LETTERBOX] }, detector: { head: "yolov5", masks: true } },
    "preprocessing.json: detector: masks: expected false for yolov5; masks of yolov8, end_to_end, torchvision are decoded, got true",
  ],
  [
    { pipeline: { steps: [LETTERBOX, { step: "crop", size: [32, 32] }] }, detector: { head: "yolov8", masks: true } },
    "preprocessing.json: detector: masks: of yolov8: expected one letterbox, and nothing else that moves pixels, got letterbox, crop",
  ],
  [
    { pipeline: { steps: [] }, detector: { head: "end_to_end", masks: true } },
    "detector: masks: of end_to_end: expected one letterbox, and nothing else that moves pixels, got none",
  ],
  [
    { pipeline: { steps: [LETTERBOX] }, detector: { head: "torchvision", masks: true } },
    "detector: masks: of torchvision: expected steps that move no pixels, got letterbox",
  ],
  [
    { pipeline: { steps: [LETTERBOX] }, detector: { head: "yolov8", masks: true }, task: "detection" },
    "preprocessing.json: task: expected segmentation, since there is a detector",
  ],
])("preprocessing.json with %j is refused", async (content, message) => {
  write("preprocessing.json", content);
  await expect(createImageTransformer({ env: { IMAGE_MODEL_FOLDER: folder } })).rejects.toThrow(message);
});

test("IMAGE_MASKS for boxes alone is refused at the start", async () => {
  write("metadata.yaml", { ...YOLO, task: "detect" });
  const env = { IMAGE_MODEL_FOLDER: folder, IMAGE_MASKS: "png" };
  await expect(createImageTransformer({ env })).rejects.toThrow(
    "environment variable IMAGE_MASKS: expected none, since the folder is of no model whose masks are decoded; got 'png'",
  );
});
