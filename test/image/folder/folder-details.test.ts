import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadImageModel } from "kserve-transformer/image";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "details-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Files = Readonly<Record<string, object | string | Uint8Array>>;

function load(files: Files) {
  for (const [name, content] of Object.entries(files)) {
    const isRaw = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(join(folder, name), isRaw ? content : JSON.stringify(content));
  }
  return loadImageModel(folder);
}

/** A field of bytes, whose length has two digits of protobuf's. */
function field(number: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.of(number * 8 + 2, (bytes.length & 127) | 128, bytes.length >> 7), bytes]);
}

/** ONNX with a field of each kind before its metadata. */
function onnx(texts: Readonly<Record<string, string>>): Buffer {
  const numbers = Buffer.of(1 * 8, 200, 1, 2 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8, 3 * 8 + 5, 1, 2, 3, 4);
  const entries = Object.entries(texts).map(([key, value]) =>
    field(14, Buffer.concat([field(1, key), field(2, value)])),
  );
  return Buffer.concat([numbers, field(7, "graph"), ...entries]);
}

const VIT = { image_processor_type: "ViTImageProcessor", size: 8 };
const vit = (config: object): Files => ({ "preprocessor_config.json": VIT, "config.json": config });
const timm = (own: object, config: object = {}): Files => ({ "config.json": { ...config, pretrained_cfg: own } });
const MANY = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [index, `class number ${index}`]));
const PYTHON = JSON.stringify(MANY)
  .replace(/"(\d+)":/g, "$1: ")
  .replaceAll('"', "'");
const EXPORT = { author: "Ultralytics", task: "detect", imgsz: "[64, 64]", stride: "32", names: PYTHON };
const PIPELINE = { pipeline: { steps: [{ step: "rescale", divisor: 255 }] } };

test.each<[string, Files, object]>([
  [
    "one label is a sigmoid",
    vit({ architectures: ["ViTForImageClassification"], id2label: { 0: "cat" } }),
    { activation: "sigmoid", labels: ["cat"] },
  ],
  [
    "a regression has no activation",
    vit({ architectures: ["ViTForImageClassification"], problem_type: "regression", id2label: { 0: "age" } }),
    { activation: "none" },
  ],
  [
    "a classifier with its teacher",
    vit({ architectures: ["DeiTForImageClassificationWithTeacher"] }),
    { task: "classification", activation: "softmax" },
  ],
  ["names that are numbers", vit({ architectures: ["ViTModel"], id2label: { 0: 7 } }), { labels: ["7"] }],
  ["a file with a byte order mark", { "preprocessor_config.json": `\uFEFF${JSON.stringify(VIT)}` }, { task: "other" }],
  ["timm's labels within", timm({ label_names: ["a", "b"], num_classes: 2 }), { kind: "timm", labels: ["a", "b"] }],
  ["timm's labels beside", timm({}, { label_names: ["a"], num_classes: 1 }), { labels: ["a"], task: "classification" }],
  ["timm's model without a head", timm({ num_classes: 0 }), { task: "other" }],
  [
    "an export among other ONNX files, with the metadata of forty classes",
    { "another.onnx": onnx({ author: "me", task: "guess" }), "model.onnx": onnx({ ...EXPORT, end2end: "True" }) },
    {
      kind: "ultralytics",
      file: "model.onnx",
      labels: Object.values(MANY),
      activation: "none",
      detector: { head: "end_to_end" },
    },
  ],
  [
    "an export whose boxes its arguments suppressed",
    { "model.onnx": onnx({ ...EXPORT, args: "{'nms': True, 'half': False}" }) },
    { detector: { head: "end_to_end" } },
  ],
  [
    "an export whose names are Python's words",
    {
      "model.onnx": onnx({
        ...EXPORT,
        names: `{0: 'None', 1: 'True story', 2: "it's None"}`,
        args: "{'nms': False, 'half': None, 'dynamic': True}",
      }),
    },
    {
      labels: ["None", "True story", "it's None"],
      detector: { head: "ultralytics" },
      pipeline: { output: { datatype: "FP32" }, steps: [{ fill: false }, {}] },
    },
  ],
  [
    "torchvision's pictures to be segmented",
    { "preprocessing.json": { torchvision: { transforms: "SemanticSegmentation" } } },
    { task: "segmentation", detector: undefined },
  ],
  [
    "a detector of torchvision whose outputs go on",
    { "preprocessing.json": { torchvision: { transforms: "ObjectDetection" }, task: "other" } },
    { task: "other", detector: undefined },
  ],
])("%s", async (_, files, expected) => {
  expect(await load(files)).toMatchObject(expected);
});

test.each<[string, Files, string]>([
  [
    "timm's labels of another number than classes",
    timm({ label_names: ["a", "b"], num_classes: 3 }),
    "config.json: num_classes is 3, and label_names has 2 names",
  ],
  [
    "two forms",
    { "preprocessing.json": { ...PIPELINE, keras: {} } },
    "expected one of torchvision, keras and pipeline, got keras and pipeline",
  ],
  [
    "another task than the detector's",
    { "preprocessing.json": { ...PIPELINE, detector: { head: "yolov5" }, task: "segmentation" } },
    'task: expected detection, since there is a detector, got "segmentation"',
  ],
  [
    "masks of pictures that were not letterboxed",
    { "preprocessing.json": { ...PIPELINE, detector: { head: "yolov8", masks: true } } },
    "detector: masks: of yolov8: expected one letterbox, and nothing else that moves pixels, got none",
  ],
  [
    "half a pair",
    { "preprocessing.json": { ...PIPELINE, detector: { head: "detr", activation: "sigmoid", top: 1.5 } } },
    "detector: top: expected a whole number from 1 on, got 1.5",
  ],
  ["an ONNX file that ends within its metadata", { "model.onnx": onnx(EXPORT).subarray(0, 30) }, "model.onnx"],
])("refused: %s", async (_, files, message) => {
  await expect(load(files)).rejects.toThrow(message);
});
