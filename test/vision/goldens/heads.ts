import { createTensor, type Tensor } from "kserve-transformer";
import { createImagePipeline } from "kserve-transformer/image";
import { decodeDetr, decodeEndToEnd, decodeYolo, type FoundBoxes, toDetections } from "kserve-transformer/vision";
import { digest, readFixture, uniform, yoloOutput } from "../computed.ts";
import { type Golden, Tally } from "./golden.ts";

interface YoloCase {
  readonly seed: number;
  readonly head: "yolov5" | "yolov8" | "yolov10";
  readonly pictures: number;
  readonly boxes: number;
  readonly classes: number;
  readonly extras: number;
  readonly score: number;
  readonly iou: number;
  readonly agnostic: boolean;
  readonly most: number;
  readonly found: readonly { readonly count: number; readonly sha256: string }[];
}

interface DetrCase {
  readonly seed: number;
  readonly kind: "softmax" | "sigmoid" | "sigmoid-100";
  readonly pictures: number;
  readonly queries: number;
  readonly classes: number;
  readonly threshold: number;
  readonly sizes: readonly (readonly [height: number, width: number])[];
  readonly found: readonly {
    readonly count: number;
    readonly first: readonly { readonly score: number; readonly label: number; readonly box: readonly number[] }[];
  }[];
}

interface ScaledCase {
  readonly picture: readonly [width: number, height: number];
  readonly size: readonly [height: number, width: number];
  readonly fill: boolean;
  readonly tensor: readonly number[];
  readonly box: readonly [number, number, number, number];
  readonly expected: readonly number[];
}

const { versions, yolo, detr, scaled } = readFixture<{
  versions: Record<string, string>;
  yolo: YoloCase[];
  detr: DetrCase[];
  scaled: ScaledCase[];
}>("detection.json");

/** Left, top, right, bottom, score, class of each box, as Ultralytics lists them. */
function digestOf({ boxes, scores, classes }: FoundBoxes) {
  const rows = Float32Array.from({ length: scores.length * 6 }, (_, i) => {
    const [row, member] = [Math.floor(i / 6), i % 6];
    if (member < 4) return boxes[row * 4 + member] as number;
    return (member === 4 ? scores[row] : classes[row]) as number;
  });
  return { count: scores.length, sha256: digest(rows) };
}

function yoloTensor({ seed, head, pictures, boxes, classes, extras }: YoloCase): Tensor {
  const members = head === "yolov10" ? 6 : 4 + (head === "yolov5" ? 1 : 0) + classes + extras;
  const rows = yoloOutput(seed, pictures, boxes, members);
  if (head === "yolov5") return createTensor("output0", "FP32", [pictures, boxes, members], rows);
  if (head === "yolov10") {
    const whole = rows.map((value, i) => {
      if (i % 6 === 5) return Math.floor(Math.fround(value * 80));
      // Right and bottom.
      return i % 6 === 2 || i % 6 === 3 ? value + (rows[i - 2] as number) : value;
    });
    return createTensor("output0", "FP32", [pictures, boxes, 6], whole);
  }
  const size = boxes * members;
  const turned = rows.map((_, i) => {
    const [picture, member, box] = [Math.floor(i / size), Math.floor((i % size) / boxes), i % boxes];
    return rows[picture * size + box * members + member] as number;
  });
  return createTensor("output0", "FP32", [pictures, members, boxes], turned);
}

const YOLO_HEADS = {
  yolov5: `yolov5 ${versions["yolov5"]} | YOLOv5 head, \`non_max_suppression\``,
  yolov8: `Ultralytics ${versions["ultralytics"]} | YOLOv8 to v11 head, \`non_max_suppression\``,
  yolov10: `Ultralytics ${versions["ultralytics"]} | end-to-end head`,
} as const;

/** 60 outputs, bit for bit. */
export async function yoloHeads(): Promise<Golden[]> {
  const rows: Golden[] = [];
  for (const head of ["yolov5", "yolov8", "yolov10"] as const) {
    const tally = new Tally();
    for (const given of yolo.filter((one) => one.head === head)) {
      const tensor = yoloTensor(given);
      const limits = { scoreThreshold: given.score, maxDetections: given.most, extras: given.extras };
      const options = { ...limits, iouThreshold: given.iou, classAgnostic: given.agnostic };
      const got =
        head === "yolov10" ? await decodeEndToEnd(tensor, limits) : await decodeYolo(tensor, { ...options, head });
      const count = given.found.reduce((sum, one) => sum + one.count, 0);
      tally.equal(`seed ${given.seed}`, got.map(digestOf), given.found, count);
    }
    const [library = "", what = ""] = YOLO_HEADS[head].split(" | ");
    rows.push(tally.finish(library, what, "boxes"));
  }
  return rows;
}

const DETR_KINDS = {
  softmax: "DETR, `post_process_object_detection`",
  sigmoid: "RT-DETR, `post_process_object_detection`",
  "sigmoid-100": "Deformable DETR, `post_process_object_detection`",
} as const;

/** 18 outputs: how many boxes, and the scores, labels and corners of the best six a picture. */
export async function detrHeads(): Promise<Golden[]> {
  const rows: Golden[] = [];
  for (const kind of ["softmax", "sigmoid", "sigmoid-100"] as const) {
    const tally = new Tally();
    for (const given of detr.filter((one) => one.kind === kind)) await compareDetr(given, tally);
    rows.push(tally.finish(`transformers ${versions["transformers"]}`, DETR_KINDS[kind], "boxes"));
  }
  return rows;
}

async function compareDetr(given: DetrCase, tally: Tally): Promise<void> {
  const { seed, kind, pictures, queries, classes, threshold, sizes, found } = given;
  const values = uniform(seed, pictures * queries * classes).map((value) => Math.fround(Math.fround(value * 12) - 9));
  const logits = createTensor("logits", "FP32", [pictures, queries, classes], values);
  const shares = uniform(seed + 3000, pictures * queries * 4);
  const boxes = createTensor("pred_boxes", "FP32", [pictures, queries, 4], shares);
  const activation = kind === "softmax" ? "softmax" : "sigmoid";
  const top = kind === "sigmoid-100" ? { top: 100 } : {};
  const got = await decodeDetr(logits, boxes, { activation, scoreThreshold: threshold, ...top });
  const detections = await Promise.all(
    got.map(async (one, picture) => {
      const [height = 0, width = 0] = sizes[picture] ?? [];
      const { geometry } = await createImagePipeline({ steps: [] }).run("x", [
        { width, height, data: new Uint8Array(width * height * 3) },
      ]);
      return toDetections(one, geometry[0] as (typeof geometry)[number], []);
    }),
  );
  const [ours, theirs] = [detections.flatMap((list) => list.slice(0, 6)), found.flatMap(({ first }) => first)];
  const where = `${kind}, seed ${seed}`;
  tally.equal(
    where,
    [detections.map(({ length }) => length), ours.map(({ label }) => label)],
    [found.map(({ count }) => count), theirs.map(({ label }) => String(label))],
    theirs.length,
  );
  tally.near(
    where,
    ours.map(({ score }) => score),
    theirs.map(({ score }) => score),
    5e-7,
  );
  tally.near(
    where,
    ours.flatMap(({ box }) => [box.xmin, box.ymin, box.xmax, box.ymax]),
    theirs.flatMap(({ box }) => box),
    5e-3,
  );
}

/** Boxes on letterboxed tensors, put back on the pictures. */
export async function scaledBoxes(): Promise<Golden[]> {
  const tally = new Tally();
  for (const { picture, size, fill, tensor, box, expected } of scaled) {
    const [width, height] = picture;
    const pipeline = createImagePipeline({ steps: [{ step: "letterbox", size, fill }], output: { layout: "NHWC" } });
    const prepared = await pipeline.run("x", [{ width, height, data: new Uint8Array(width * height * 3) }]);
    // A side that was rounded onto a multiple of the stride makes Ultralytics take another ratio than the picture was resized by.
    const exact = Math.min(size[0] / height, size[1] / width);
    if (Math.min((tensor[0] as number) / height, (tensor[1] as number) / width) < exact - 1e-9) continue;
    tally.equal(`${width} × ${height}`, prepared.tensor.shape.slice(1, 3), tensor, 1);
    tally.near(`${width} × ${height}`, prepared.geometry[0]?.inverse([box])[0] ?? [], expected, 5e-10);
  }
  return [tally.finish(`Ultralytics ${versions["ultralytics"]}`, "`LetterBox`, `scale_boxes`", "boxes")];
}
