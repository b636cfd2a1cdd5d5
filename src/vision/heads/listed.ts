import type { Tensor } from "../../tensor/tensor.ts";
import { descendingOrder } from "../boxes/descending-order.ts";
import { type FoundBoxes, pickBoxes } from "../boxes/found-boxes.ts";
import { Pace } from "../pace.ts";
import { assertClass, isShare, tensorFloats, unexpectedOutput } from "../tensor-floats.ts";

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
  /** How many labels the model has; a class without one is an error. */
  readonly classes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Models that list what they found: boxes [pictures, boxes, 4], scores and classes [pictures, boxes]; one picture's without the first
 * dimension too. Best first.
 * @param output Finds an output by its name: `(name) => response.output(name)`.
 * @throws InferenceError bad_gateway when an output is missing or has another shape, numbers that are not finite, sides that are the
 *   wrong way round, or a class without a label.
 */
export async function decodeListed(
  output: (name: string) => Tensor,
  { form, scoreThreshold = 0.5, classes, signal }: ListedOptions,
): Promise<FoundBoxes[]> {
  const names = LISTED_FORMS[form];
  const pace = new Pace(signal);
  const boxes = output(names.boxes);
  const isOne = boxes.shape.length === 2;
  const [pictures = 0, count = 0, width = 0] = isOne ? [1, ...boxes.shape] : boxes.shape;
  if ((!isOne && boxes.shape.length !== 3) || width !== 4) {
    throw unexpectedOutput(boxes, "numbers of shape [pictures, boxes, 4]");
  }
  const column = (name: string): Tensor => {
    const tensor = output(name);
    const shape = isOne ? [count] : [pictures, count];
    if (tensor.shape.join() === shape.join()) return tensor;
    throw unexpectedOutput(tensor, `numbers of shape [${shape}], one a box of '${boxes.name}'`);
  };
  const tensors = { boxes, scores: column(names.scores), classes: column(names.classes) };
  const lists: Lists = {
    corners: await tensorFloats(boxes, pace),
    scores: await tensorFloats(tensors.scores, pace),
    classes: await tensorFloats(tensors.classes, pace),
  };
  const counts = names.count === undefined ? undefined : await countsOf(output(names.count), pictures, count, pace);
  const found: FoundBoxes[] = [];
  for (let picture = 0; picture < pictures; picture++) {
    const own = counts?.[picture] ?? count;
    const one = readPicture(tensors, lists, names, picture * count, own, Math.fround(scoreThreshold));
    for (const [index, name] of one.classes.entries()) {
      const { firstClass } = names;
      assertClass(tensors.classes, name + firstClass, firstClass, classes, one.places[index] as number);
    }
    found.push(one);
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
  tensors: { readonly boxes: Tensor; readonly scores: Tensor; readonly classes: Tensor },
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
  for (const [i, score] of own.entries()) {
    const sides = boxes.subarray(i * 4, i * 4 + 4);
    if (!isShare(score)) throw unexpectedOutput(tensors.scores, "scores from 0 to 1", `${score} for box ${i}`);
    if (!Number.isInteger(names[i]))
      throw unexpectedOutput(tensors.classes, "whole numbers", `${names[i]} for box ${i}`);
    if (!isBox(sides, unit)) {
      const expected = `left, top, right and bottom ${unit === "picture" ? "as shares of the picture" : "in pixels of the tensor"}`;
      throw unexpectedOutput(tensors.boxes, expected, `${sides.join(", ")} for box ${i}`);
    }
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

/** Sides in their order; shares may lie a picture's size beyond its border, which pixels do not keep to. */
function isBox(sides: Float32Array, unit: FoundBoxes["unit"]): boolean {
  const [left = 0, top = 0, right = 0, bottom = 0] = sides;
  if (!(sides.every(Number.isFinite) && left <= right && top <= bottom)) return false;
  return unit === "tensor" || sides.every((side) => side >= -1 && side <= 2);
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
