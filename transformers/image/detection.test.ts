import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTensor, type Tensor } from "kserve-transformer";
import { type TestTransformerOptions, testTransformer, v2Request } from "kserve-transformer/testing";
import sharp from "sharp";
import createImageTransformer from "./transformer.ts";

let folder: string;
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "detector-"));
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  rmSync(folder, { recursive: true });
});

const write = (file: string, content: object): void => writeFileSync(join(folder, file), JSON.stringify(content));

async function start(predictor: NonNullable<TestTransformerOptions["predictor"]>, env: Record<string, string> = {}) {
  const transformer = await createImageTransformer({ env: { IMAGE_MODEL_FOLDER: folder, ...env } });
  const tested = testTransformer(transformer, { predictor });
  open.push(tested);
  return tested;
}

const png = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: "#336699" } })
    .png()
    .toBuffer();
const instance = async (width: number, height: number) => ({ b64: (await png(width, height)).toString("base64") });
const floats = (name: string, shape: readonly number[], values: readonly number[]): Tensor =>
  createTensor(name, "FP32", shape, Float32Array.from(values));

const CATS = { id2label: { 0: "cat", 1: "dog" } };

function writeDetr(): void {
  write("preprocessor_config.json", { feature_extractor_type: "DetrFeatureExtractor", size: 40, max_size: 60 });
  write("config.json", { architectures: ["DetrForObjectDetection"], ...CATS });
}

/** Two queries a picture; the last class is "nothing". The first finds a dog, the second nothing. */
const LOGITS = [0, 6, 0, 0, 0, 6];
const CENTRES = [0.5, 0.5, 0.5, 0.25, 0.1, 0.1, 0.1, 0.1];
const SCORE = Number(Math.fround(Math.E ** 6 / (Math.E ** 6 + 2)).toPrecision(7));
const DOG = (width: number, height: number) => [
  {
    label: "dog",
    score: expect.closeTo(SCORE, 6),
    box: { xmin: width * 0.25, ymin: height * 0.375, xmax: width * 0.75, ymax: height * 0.625 },
  },
];

test("a folder of DETR answers boxes on each client's own picture, which are filled up to one size", async () => {
  writeDetr();
  const tested = await start({
    outputs: [
      floats("logits", [2, 2, 3], [...LOGITS, ...LOGITS]),
      floats("pred_boxes", [2, 2, 4], [...CENTRES, ...CENTRES]),
    ],
  });
  const { json, status } = await tested.predict({ instances: [await instance(160, 80), await instance(80, 64)] });
  expect([status, json]).toEqual([200, { predictions: [DOG(160, 80), DOG(80, 64)] }]);
  const [pixels, mask] = tested.sent[0]?.inputs ?? [];
  expect([pixels?.name, pixels?.shape, mask?.name, mask?.shape]).toEqual([
    "pixel_values",
    [2, 3, 40, 60],
    "pixel_mask",
    [2, 40, 60],
  ]);
});

test("a V2 client gets each picture's boxes as a JSON text, from a predictor of rows too", async () => {
  writeDetr();
  const row = { logits: [LOGITS.slice(0, 3), LOGITS.slice(3)], pred_boxes: [CENTRES.slice(0, 4), CENTRES.slice(4)] };
  const tested = await start({ predictions: [row] });
  const { outputs } = await tested.predict(
    v2Request([createTensor("picture", "BYTES", [1], [await png(160, 80)])], { binary: true }),
  );
  const texts = (outputs[0]?.data ?? []) as Uint8Array[];
  expect(outputs[0]).toMatchObject({ name: "predictions", datatype: "BYTES", shape: [1] });
  expect(texts.map((text) => JSON.parse(Buffer.from(text).toString("utf8")))).toEqual([DOG(160, 80)]);
});

const YOLO = { task: "detect", imgsz: [64, 64], stride: 32, names: { 0: "cat", 1: "dog" } };

/** [1, 4 + 2 classes, 3 boxes] on the tensor of 64 × 64, where a picture of 128 × 64 lies in rows 16 to 48. */
const RAW = [...[16, 17, 48], ...[32, 32, 32], ...[16, 16, 8], ...[8, 8, 8], ...[0.9, 0.8, 0.1], ...[0.1, 0.1, 0.6]];
const CAT = { label: "cat", score: 0.9, box: { xmin: 16, ymin: 24, xmax: 48, ymax: 40 } };
const SMALLER = { label: "cat", score: 0.8, box: { xmin: 18, ymin: 24, xmax: 50, ymax: 40 } };
const HOUND = { label: "dog", score: 0.6, box: { xmin: 88, ymin: 24, xmax: 104, ymax: 40 } };

test.each<[string, Record<string, string>, object[]]>([
  ["as Ultralytics chooses", {}, [CAT, HOUND]],
  ["above another score", { IMAGE_SCORE_THRESHOLD: "0.7" }, [CAT]],
  ["with another overlap", { IMAGE_IOU_THRESHOLD: ".95" }, [CAT, SMALLER, HOUND]],
  ["with labels of the environment", { MODEL_LABELS: "a,b", IMAGE_SCORE_THRESHOLD: "0.7" }, [{ ...CAT, label: "a" }]],
])("an export of Ultralytics answers boxes without the letterbox: %s", async (_, env, expected) => {
  write("metadata.yaml", YOLO);
  const tested = await start({ outputs: [floats("output0", [1, 6, 3], RAW)] }, env);
  const { json } = await tested.predict({ instances: [await instance(128, 64)] });
  expect(json).toEqual({ predictions: [expected] });
  expect(tested.sent[0]?.input("images").shape).toEqual([1, 3, 64, 64]);
});

test.each([{ end2end: true }, { args: { nms: true } }, {}])(
  "an end-to-end export of Ultralytics, by its metadata %j or its shape",
  async (said) => {
    write("metadata.yaml", { ...YOLO, ...said });
    const rows = [8, 28, 24, 36, 0.9, 0, 0, 0, 0, 0, 0, 0];
    const tested = await start({ outputs: [floats("output0", [1, 2, 6], rows)] });
    const { json } = await tested.predict({ instances: [await instance(128, 64)] });
    expect(json).toEqual({ predictions: [[CAT]] });
  },
);

const LETTERBOX = { steps: [{ step: "letterbox", size: [64, 64] }], output: { layout: "NCHW" } };

test.each<[string, object, Tensor[]]>([
  [
    "YOLOv5",
    { pipeline: LETTERBOX, detector: { head: "yolov5" } },
    [floats("output0", [1, 1, 7], [16, 32, 16, 8, 1, 0.9, 0.1])],
  ],
  [
    "EfficientNMS",
    { pipeline: LETTERBOX, detector: { head: "tensorrt" } },
    [
      floats("num_dets", [1, 1], [1]),
      floats("det_boxes", [1, 2, 4], [8, 28, 24, 36, 0, 0, 0, 0]),
      floats("det_scores", [1, 2], [0.9, 0]),
      floats("det_classes", [1, 2], [0, 0]),
    ],
  ],
  [
    "a DETR of one's own",
    { pipeline: LETTERBOX, detector: { head: "detr", activation: "sigmoid", top: 1 } },
    [floats("logits", [1, 1, 2], [Math.log(9), -9]), floats("pred_boxes", [1, 1, 4], [0.25, 0.5, 0.25, 0.25])],
  ],
  [
    "torchvision",
    { torchvision: { transforms: "ObjectDetection" } },
    [
      floats("boxes", [1, 4], [16, 24, 48, 40]),
      floats("scores", [1], [0.9]),
      createTensor("labels", "INT64", [1], BigInt64Array.of(0n)),
    ],
  ],
])("preprocessing.json says the head: %s", async (_, content, outputs) => {
  write("preprocessing.json", { ...content, labels: ["cat", "dog"] });
  const { json } = await (await start({ outputs })).predict({ instances: [await instance(128, 64)] });
  expect(json).toEqual({ predictions: [[{ ...CAT, score: expect.closeTo(0.9, 6) }]] });
});

test.each<[object, string]>([
  [{ detector: { head: "ssd" } }, "preprocessing.json: detector: head: expected one of detr, yolov5, yolov7,"],
  [{ detector: { head: "detr" } }, 'detector: activation: expected softmax or sigmoid, got ""'],
  [
    { detector: { head: "detr", activation: "softmax", top: 0 } },
    "detector: top: expected a whole number from 1 on, got 0",
  ],
  [{ detector: { head: "yolov8", classes: 3 } }, "preprocessing.json: detector: members that are not known: classes"],
  [{ detector: { head: "yolov8" }, task: "classification" }, "task: expected detection, since there is a detector"],
])("preprocessing.json with %j is refused", async (content, message) => {
  write("preprocessing.json", { pipeline: LETTERBOX, ...content });
  await expect(createImageTransformer({ env: { IMAGE_MODEL_FOLDER: folder } })).rejects.toThrow(message);
});

test("no pictures are no boxes", async () => {
  write("metadata.yaml", YOLO);
  const { json } = await (await start({ predictions: [] })).predict({ instances: [] });
  expect(json).toEqual({ predictions: [] });
});

test.each<[string, Tensor[], string]>([
  [
    "outputs of another number of pictures",
    [floats("output0", [2, 6, 3], [...RAW, ...RAW])],
    "output 'output0' is of 2 pictures, and 1 were sent",
  ],
  [
    "another number of classes than labels",
    [floats("output0", [1, 7, 3], [...RAW, 0, 0, 0])],
    "output 'output0': expected numbers of shape [pictures, 4 + 2 classes, boxes], which is yolov8's, got FP32 of shape [1,7,3]",
  ],
  [
    "two outputs",
    [floats("output0", [1, 6, 3], RAW), floats("output1", [1, 1], [0])],
    "expected one output, got 2: 'output0', 'output1'",
  ],
])("%s are a 502 that says what came", async (_, outputs, message) => {
  write("metadata.yaml", YOLO);
  const { status, json } = await (await start({ outputs })).predict({ instances: [await instance(128, 64)] });
  expect([status, json]).toEqual([502, expect.objectContaining({ error: message })]);
});

test.each<[string, () => void, Record<string, string>, string]>([
  [
    "a share that is none",
    writeDetr,
    { IMAGE_SCORE_THRESHOLD: "50%" },
    "environment variable IMAGE_SCORE_THRESHOLD: expected a number from 0 to 1; got '50%'",
  ],
  [
    "more than all",
    () => write("metadata.yaml", YOLO),
    { IMAGE_IOU_THRESHOLD: "1.5" },
    "environment variable IMAGE_IOU_THRESHOLD: expected a number from 0 to 1; got '1.5'",
  ],
  [
    "an overlap for DETR",
    writeDetr,
    { IMAGE_IOU_THRESHOLD: "0.5" },
    "environment variable IMAGE_IOU_THRESHOLD: expected none, since the model's boxes need no suppression; got '0.5'",
  ],
  [
    "an overlap for an end-to-end export",
    () => write("metadata.yaml", { ...YOLO, end2end: true }),
    { IMAGE_IOU_THRESHOLD: "0.5" },
    "environment variable IMAGE_IOU_THRESHOLD: expected none, since the model's boxes need no suppression; got '0.5'",
  ],
  [
    "a score for a classifier",
    () => write("metadata.yaml", { ...YOLO, task: "classify" }),
    { IMAGE_SCORE_THRESHOLD: "0.5" },
    "environment variable IMAGE_SCORE_THRESHOLD: expected none, since the folder is of no detector; got '0.5'",
  ],
  [
    "Ultralytics' RT-DETR",
    () => write("metadata.yaml", { ...YOLO, head: "RTDETRDecoder" }),
    {},
    "metadata.yaml: head: expected a YOLO: Ultralytics' RT-DETR is not read, transformers' is, got \"RTDETRDecoder\"",
  ],
])("%s is refused at the start", async (_, writeFiles, env, message) => {
  writeFiles();
  await expect(createImageTransformer({ env: { IMAGE_MODEL_FOLDER: folder, ...env } })).rejects.toThrow(message);
});
