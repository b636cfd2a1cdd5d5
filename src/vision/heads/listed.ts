import type { Tensor } from "../../tensor/tensor.ts";
import { descendingOrder } from "../boxes/descending-order.ts";
import { type FoundBoxes, pickBoxes } from "../boxes/found-boxes.ts";
import { Pace } from "../pace.ts";
import { tensorFloats, unexpectedOutput } from "../tensor-floats.ts";

/**
 * Who lists the boxes: `torchvision`'s detectors (SSD, RetinaNet, FCOS, Faster R-CNN), TensorFlow's Object Detection API, or the plugin
 * EfficientNMS of TensorRT.
 */
export type ListedForm = "torchvision" | "tensorflow" | "tensorrt";

interface ListedNames {
  readonly boxes: string;
  readonly scores: string;
  readonly classes: string;
  /** How many of a picture's boxes count; the rest fills up. */
  readonly count: string | undefined;
  readonly unit: FoundBoxes["unit"];
  /** Places of left, top, right and bottom. */
  readonly corners: readonly [number, number, number, number];
  /** Number of the first class. */
  readonly firstClass: number;
}

/** Names of the outputs, and what the numbers mean. torchvision's class 0 is the background, and has a label. */
export const LISTED_FORMS: Readonly<Record<ListedForm, ListedNames>> = {
  torchvision: {
    boxes: "boxes",
    scores: "scores",
    classes: "labels",
    count: undefined,
    unit: "tensor",
    corners: [0, 1, 2, 3],
    firstClass: 0,
  },
  tensorflow: {
    ...{ boxes: "detection_boxes", scores: "detection_scores", classes: "detection_classes", count: "num_detections" },
    ...{ unit: "picture", corners: [1, 0, 3, 2], firstClass: 1 },
  },
  tensorrt: {
    ...{ boxes: "det_boxes", scores: "det_scores", classes: "det_classes", count: "num_dets" },
    ...{ unit: "tensor", corners: [0, 1, 2, 3], firstClass: 0 },
  },
};

export interface ListedOptions {
  readonly form: ListedForm;
  /** Only scores above this. @default 0.5 */
  readonly scoreThreshold?: number;
  readonly signal?: AbortSignal;
}

/**
 * Models that list what they found: boxes [pictures, boxes, 4], scores and classes [pictures, boxes]; one picture's without the first
 * dimension too. Best first.
 * @param output Finds an output by its name: `(name) => response.output(name)`.
 * @throws InferenceError bad_gateway when an output is missing or has another shape, or numbers that are not finite.
 */
export async function decodeListed(
  output: (name: string) => Tensor,
  { form, scoreThreshold = 0.5, signal }: ListedOptions,
): Promise<FoundBoxes[]> {
  const names = LISTED_FORMS[form];
  const pace = new Pace(signal);
  const boxes = output(names.boxes);
  const isOne = boxes.shape.length === 2;
  const [pictures = 0, count = 0, width = 0] = isOne ? [1, ...boxes.shape] : boxes.shape;
  if ((!isOne && boxes.shape.length !== 3) || width !== 4) {
    throw unexpectedOutput(boxes, "numbers of shape [pictures, boxes, 4]");
  }
  const column = async (name: string): Promise<Float32Array> => {
    const tensor = output(name);
    const shape = isOne ? [count] : [pictures, count];
    if (tensor.shape.join() !== shape.join()) {
      throw unexpectedOutput(tensor, `numbers of shape [${shape}], one a box of '${boxes.name}'`);
    }
    return tensorFloats(tensor, pace);
  };
  const lists: Lists = {
    corners: await tensorFloats(boxes, pace),
    scores: await column(names.scores),
    classes: await column(names.classes),
  };
  const counts = names.count === undefined ? undefined : await countsOf(output(names.count), pictures, count, pace);
  const found: FoundBoxes[] = [];
  for (let picture = 0; picture < pictures; picture++) {
    const own = counts?.[picture] ?? count;
    found.push(readPicture(boxes, lists, names, picture * count, own, Math.fround(scoreThreshold)));
    await pace.rest();
  }
  return found;
}

interface Lists {
  readonly corners: Float32Array;
  readonly scores: Float32Array;
  readonly classes: Float32Array;
}

function readPicture(
  output: Tensor,
  { corners, scores, classes }: Lists,
  { corners: places, unit, firstClass }: ListedNames,
  start: number,
  count: number,
  threshold: number,
): FoundBoxes {
  const boxes = new Float32Array(count * 4);
  for (let i = 0; i < boxes.length; i++) {
    boxes[i] = corners[start * 4 + i - (i % 4) + (places[i % 4] as number)] as number;
  }
  const names = classes.subarray(start, start + count);
  const own = scores.subarray(start, start + count);
  const wrong = own.findIndex(
    (score, i) =>
      !(
        Number.isFinite(score) &&
        Number.isInteger(names[i]) &&
        boxes.subarray(i * 4, i * 4 + 4).every(Number.isFinite)
      ),
  );
  if (wrong >= 0) {
    const got = `box ${boxes.subarray(wrong * 4, wrong * 4 + 4).join(", ")}, score ${own[wrong]}, class ${names[wrong]}`;
    throw unexpectedOutput(output, "finite boxes and scores and whole classes", got);
  }
  const source: FoundBoxes = {
    boxes,
    unit,
    scores: own,
    classes: Int32Array.from(names, (name) => name - firstClass),
    places: Uint32Array.from(own, (_, i) => i),
  };
  return pickBoxes(
    source,
    Array.from(descendingOrder(own)).filter((i) => (own[i] as number) > threshold),
  );
}

async function countsOf(tensor: Tensor, pictures: number, most: number, pace: Pace): Promise<number[]> {
  const counts = Array.from(await tensorFloats(tensor, pace));
  if (counts.length === pictures && counts.every((count) => Number.isInteger(count) && count >= 0 && count <= most))
    return counts;
  throw unexpectedOutput(
    tensor,
    `${pictures} whole numbers from 0 to ${most}`,
    `[${counts.slice(0, 10)}] of shape [${tensor.shape}]`,
  );
}
