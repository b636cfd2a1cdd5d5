import type { Tensor } from "../../tensor/tensor.ts";
import { descendingOrder } from "../boxes/descending-order.ts";
import { type FoundBoxes, pickBoxes } from "../boxes/found-boxes.ts";
import { shiftByClass, suppress } from "../boxes/torchvision-nms.ts";
import { Pace } from "../pace.ts";
import { tensorFloats, unexpectedOutput } from "../tensor-floats.ts";
import { findCandidates, type YoloLayout, yoloCorners, yoloExtras } from "./yolo-candidates.ts";

/**
 * Whose output it is: `yolov5` [pictures, boxes, 5 + classes], also YOLOv6; `yolov7` the same, where a model of one class is
 * scored by its objectness alone; `yolov8` [pictures, 4 + classes, boxes], also v9, v11 and v12.
 */
export type YoloHead = "yolov5" | "yolov7" | "yolov8";

export interface YoloOptions {
  readonly head: YoloHead;
  /** Only scores above this. @default 0.25 */
  readonly scoreThreshold?: number;
  /** A box that covers a better one of its class by more than this share is dropped. @default 0.7 for yolov8, else 0.45 */
  readonly iouThreshold?: number;
  /** Whether boxes drop those of other classes too. @default false */
  readonly classAgnostic?: boolean;
  /** Of one picture. @default 300 */
  readonly maxDetections?: number;
  /** How many classes the model has; another number is an error. @default what the shape leaves */
  readonly classes?: number;
  /** Numbers after the classes of each box, such as the 32 coefficients of a mask. @default 0 */
  readonly extras?: number;
  readonly signal?: AbortSignal;
}

/** So many of the best are looked at, as Python's originals do. */
const MOST_CANDIDATES = 30_000;
/** The side by which classes are shifted apart there, which decides how float32 rounds. */
const CLASS_SHIFT: Readonly<Record<YoloHead, number>> = { yolov5: 7680, yolov7: 4096, yolov8: 7680 };

/**
 * What Ultralytics' `non_max_suppression` keeps, for each picture: the class of the highest score of each box, then NMS class by class.
 * @throws InferenceError bad_gateway when the output has another shape than the head's, numbers that are not finite, or scores that
 *   are not from 0 to 1.
 */
export async function decodeYolo(output: Tensor, options: YoloOptions): Promise<FoundBoxes[]> {
  const layout = yoloLayout(output, options);
  const pace = new Pace(options.signal);
  const values = await tensorFloats(output, pace);
  const size = layout.boxes * layout.members;
  const found: FoundBoxes[] = [];
  for (let picture = 0; picture < (output.shape[0] as number); picture++) {
    found.push(await findBest(output, values.subarray(picture * size, (picture + 1) * size), layout, options, pace));
  }
  return found;
}

async function findBest(
  output: Tensor,
  values: Float32Array,
  layout: YoloLayout,
  options: YoloOptions,
  pace: Pace,
): Promise<FoundBoxes> {
  const { head, scoreThreshold = 0.25, classAgnostic = false, maxDetections = 300, extras = 0, signal } = options;
  const iouThreshold = options.iouThreshold ?? (head === "yolov8" ? 0.7 : 0.45);
  const candidates = await findCandidates(output, values, layout, Math.fround(scoreThreshold), pace);
  const order = descendingOrder(candidates.scores).subarray(0, MOST_CANDIDATES);
  await pace.rest();
  const places = order.map((index) => candidates.places[index] as number);
  const classes = Int32Array.from(order, (index) => candidates.classes[index] as number);
  const scores = Float32Array.from(order, (index) => candidates.scores[index] as number);
  const boxes = yoloCorners(output, values, layout, places);
  const shifted = classAgnostic ? boxes : shiftByClass(boxes, classes, CLASS_SHIFT[head]);
  await pace.rest();
  const limits = { iouThreshold, limit: maxDetections };
  const kept = await suppress(
    shifted,
    Uint32Array.from(order.keys()),
    signal === undefined ? limits : { ...limits, signal },
  );
  const found = pickBoxes({ boxes, unit: "tensor", scores, classes, places }, kept);
  return extras > 0 ? { ...found, extras: yoloExtras(output, values, layout, found.places) } : found;
}

function yoloLayout(output: Tensor, { head, classes: wanted, extras = 0 }: YoloOptions): YoloLayout {
  const first = head === "yolov8" ? 4 : 5;
  const [, second = 0, third = 0] = output.shape;
  const [members, boxes] = head === "yolov8" ? [second, third] : [third, second];
  const classes = members - first - extras;
  if (output.shape.length !== 3 || boxes < 1 || classes < 1 || (wanted !== undefined && wanted !== classes)) {
    const row = `${first} + ${wanted === undefined ? "classes" : `${wanted} classes`}${extras > 0 ? ` + ${extras}` : ""}`;
    throw unexpectedOutput(
      output,
      `numbers of shape [pictures, ${head === "yolov8" ? `${row}, boxes` : `boxes, ${row}`}], which is ${head}'s`,
    );
  }
  if (head === "yolov8") return { members, boxes, classes, first, scoring: "classes", boxStep: 1, memberStep: boxes };
  const scoring = head === "yolov7" && classes === 1 ? "objectness" : "product";
  return { members, boxes, classes, first, scoring, boxStep: members, memberStep: 1 };
}
