import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "kserve-transformer";
import { testTransformer } from "kserve-transformer/testing";
import sharp from "sharp";
import createImageTransformer from "../../../transformers/image/transformer.ts";
import { faultsOf, floats, resized, transposed } from "./faults.ts";
import { KINDS, type Kind } from "./kinds.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wrong-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function answer({ files, outputs }: Kind, labels = "a,b,c") {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
  const env = { IMAGE_MODEL_FOLDER: folder, MODEL_LABELS: labels };
  const tested = testTransformer(await createImageTransformer({ env }), { predictor: { outputs } });
  const picture = sharp({ create: { width: 64, height: 64, channels: 3, background: "#336699" } });
  const instances = [{ b64: (await picture.png().toBuffer()).toString("base64") }];
  const { status, json } = await tested.predict({ instances });
  await tested.close();
  return { status, json: json as { error?: string; predictions?: unknown } };
}

const CASES = Object.entries(KINDS).map(([name, kind]) => [name, kind] as const);

test.each(CASES)("%s: outputs that are right find something", async (_, kind) => {
  const { status, json } = await answer(kind);
  expect([status, JSON.stringify(json)]).toEqual([200, expect.stringContaining('"label":"')]);
});

test.each(CASES)(
  "%s: outputs that are wrong are a 502 that names the output, and says what was expected and what came",
  async (_, kind) => {
    const wrong: string[] = [];
    for (const [place, output] of kind.outputs.entries()) {
      for (const [fault, tensor] of faultsOf(output)) {
        const outputs = kind.outputs.map((one, i) => (i === place ? tensor : one));
        const { status, json } = await answer({ ...kind, outputs });
        const isFree = kind.free?.[output.name]?.includes(fault) === true;
        const { error = "" } = json;
        const says =
          kind.outputs.some(({ name }) => error.includes(`'${name}'`)) &&
          /expected .*got |is of \d pictures, and/.test(error);
        if (isFree ? status !== 200 : status !== 502 || !says) {
          wrong.push(`'${output.name}' ${fault}: ${status} ${JSON.stringify(json).slice(0, 200)}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  },
);

test.each(["yolov5", "yolov8", "an export of Ultralytics", "DETR", "SegFormer"])(
  "%s without labels: an output that lies the other way, or has pixels for scores, is a 502",
  async (name) => {
    const { files, outputs } = KINDS[name] as Kind;
    const [first, ...rest] = outputs as [Tensor, ...Tensor[]];
    const turned = first.name === "logits" ? resized(first, 2, () => 0) : transposed(first);
    const { status, json } = await answer({ files, outputs: [turned, ...rest] }, "");
    expect([status, json.error]).toEqual([502, expect.stringMatching(`output '${first.name}': expected .*, got`)]);
  },
);

test.each<
  [
    string,
    Partial<
      Record<"output0" | "pred_boxes" | "boxes" | "detection_boxes" | "labels" | "detection_classes", readonly number[]>
    >,
    string,
  ]
>([
  [
    "end_to_end",
    { output0: [24, 28, 8, 36, 0.9, 1] },
    "output 'output0': expected finite boxes and whole classes, got 24, 28, 8, 36",
  ],
  [
    "end_to_end",
    { output0: [8, 28, 24, 36, 90, 1] },
    "output 'output0': expected scores from 0 to 1, got 90 for box 0 of picture 0",
  ],
  [
    "end_to_end",
    { output0: [8, 28, 24, 36, 0.9, 3] },
    "output 'output0': expected classes from 0 to 2, one a label, got 3 for box 0",
  ],
  [
    "end_to_end",
    { output0: [8, 28, 24, 36, 0.9, -1] },
    "output 'output0': expected classes from 0 to 2, one a label, got -1 for box 0",
  ],
  [
    "DETR",
    { pred_boxes: [32, 32, 12, 12] },
    "output 'pred_boxes': expected boxes of centre, width and height as shares of the picture, got 32, 32, 12, 12 for query 0",
  ],
  ["DETR", { pred_boxes: [0.5, 0.5, -0.2, 0.2] }, "output 'pred_boxes': expected boxes of centre, width and height"],
  [
    "SSD of torchvision",
    { boxes: [24, 8, 8, 24] },
    "output 'boxes': expected left, top, right and bottom in pixels of the tensor, got 24, 8, 8, 24 for box 0",
  ],
  [
    "SSD of torchvision",
    { labels: [3, 1, 1, 1, 1] },
    "output 'labels': expected classes from 0 to 2, one a label, got 3 for box 0",
  ],
  [
    "SSD of TensorFlow",
    { detection_classes: [0, 1, 1, 1, 1] },
    "output 'detection_classes': expected classes from 1 to 3, one a label, got 0 for box 0",
  ],
  [
    "SSD of TensorFlow",
    { detection_boxes: [6, 6, 32, 32] },
    "output 'detection_boxes': expected left, top, right and bottom as shares of the picture, got 6, 6, 32, 32",
  ],
])("%s with %j is refused", async (name, values, message) => {
  const { files, outputs } = KINDS[name] as Kind;
  const changed = outputs.map((tensor) => {
    const own = (values as Readonly<Record<string, readonly number[]>>)[tensor.name];
    return own === undefined ? tensor : floats(tensor.name, tensor.shape, own);
  });
  const { status, json } = await answer({ files, outputs: changed });
  expect([status, json.error]).toEqual([502, expect.stringContaining(message)]);
});
