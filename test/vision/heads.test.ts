import { createTensor, type Tensor } from "kserve-transformer";
import { createImagePipeline } from "kserve-transformer/image";
import { decodeDetr, decodeEndToEnd, decodeYolo, type FoundBoxes, toDetections } from "kserve-transformer/vision";
import { digest, readFixture, uniform, yoloOutput } from "./computed.ts";

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

const SIDES = ["xmin", "ymin", "xmax", "ymax"];

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
    const whole = rows.map((value, i) => (i % 6 === 5 ? Math.floor(Math.fround(value * 80)) : value));
    return createTensor("output0", "FP32", [pictures, boxes, 6], whole);
  }
  const size = boxes * members;
  const turned = rows.map((_, i) => {
    const [picture, member, box] = [Math.floor(i / size), Math.floor((i % size) / boxes), i % boxes];
    return rows[picture * size + box * members + member] as number;
  });
  return createTensor("output0", "FP32", [pictures, members, boxes], turned);
}

test(`60 outputs of YOLO heads: the rows of yolov5 ${versions["yolov5"]} and Ultralytics ${versions["ultralytics"]}, bit for bit`, async () => {
  for (const given of yolo) {
    const { head, extras, found } = given;
    const tensor = yoloTensor(given);
    const limits = { scoreThreshold: given.score, maxDetections: given.most, extras };
    const options = { ...limits, iouThreshold: given.iou, classAgnostic: given.agnostic };
    const got =
      head === "yolov10" ? await decodeEndToEnd(tensor, limits) : await decodeYolo(tensor, { ...options, head });
    expect({ seed: given.seed, found: got.map(digestOf) }).toEqual({ seed: given.seed, found });
  }
  expect(yolo.filter(({ found }) => found.some(({ count }) => count > 5)).length).toBeGreaterThan(20);
});

test(`18 outputs of DETR, RT-DETR and Deformable DETR: what transformers ${versions["transformers"]} finds`, async () => {
  for (const { seed, kind, pictures, queries, classes, threshold, sizes, found } of detr) {
    const values = uniform(seed, pictures * queries * classes).map((value) => Math.fround(Math.fround(value * 12) - 9));
    const logits = createTensor("logits", "FP32", [pictures, queries, classes], values);
    const shares = uniform(seed + 3000, pictures * queries * 4);
    const boxes = createTensor("pred_boxes", "FP32", [pictures, queries, 4], shares);
    const activation = kind === "softmax" ? "softmax" : "sigmoid";
    const top = kind === "sigmoid-100" ? { top: 100 } : {};
    const got = await decodeDetr(logits, boxes, { activation, scoreThreshold: threshold, ...top });
    expect(got).toHaveLength(pictures);
    for (const [picture, one] of got.entries()) {
      const [height, width] = sizes[picture] as readonly [number, number];
      const { geometry } = await createImagePipeline({ steps: [] }).run("x", [
        { width, height, data: new Uint8Array(width * height * 3) },
      ]);
      const detections = toDetections(one, geometry[0] as (typeof geometry)[number], []);
      const expected = found[picture]?.first.map(({ score, label, box }) => ({
        label: String(label),
        score: expect.closeTo(score, 6),
        box: Object.fromEntries(box.map((corner, i) => [SIDES[i] as string, expect.closeTo(corner, 2)])),
      }));
      expect({ seed, count: detections.length }).toEqual({ seed, count: found[picture]?.count });
      expect(detections.slice(0, 6)).toEqual(expected);
    }
  }
});

test(`23 boxes on letterboxed tensors are put back as Ultralytics ${versions["ultralytics"]} does`, async () => {
  let checked = 0;
  for (const { picture, size, fill, tensor, box, expected } of scaled) {
    const [width, height] = picture;
    const pipeline = createImagePipeline({ steps: [{ step: "letterbox", size, fill }], output: { layout: "NHWC" } });
    const prepared = await pipeline.run("x", [{ width, height, data: new Uint8Array(width * height * 3) }]);
    expect(prepared.tensor.shape.slice(1, 3)).toEqual(tensor);
    const [got = []] = prepared.geometry[0]?.inverse([box]) ?? [];
    // A side that was rounded onto a multiple of the stride makes Ultralytics take another ratio than the picture was resized by.
    const exact = Math.min(size[0] / height, size[1] / width);
    if (Math.min((tensor[0] as number) / height, (tensor[1] as number) / width) < exact - 1e-9) continue;
    checked++;
    expect(got).toEqual(expected.map((corner) => expect.closeTo(corner, 9)));
  }
  expect(checked).toBe(23);
});
