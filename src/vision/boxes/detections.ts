import { InferenceError } from "../../errors.ts";
import type { Box, ImageGeometry } from "../../image/pipeline/geometry.ts";
import { shortestFloat32 } from "../../labels/shortest-float.ts";
import type { RunLengths } from "../masks/run-lengths.ts";
import type { FoundBoxes } from "./found-boxes.ts";

/** Sides of a box in pixels of the picture that the client sent, with the names of transformers' pipelines. */
export interface DetectionBox {
  readonly [side: string]: number;
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

/** One thing on a picture, as a client gets it. */
export interface Detection {
  readonly [key: string]: string | number | DetectionBox | RunLengths;
  readonly label: string;
  readonly score: number;
  readonly box: DetectionBox;
}

/** One thing with the pixels that belong to it, on the picture that the client sent. */
export interface Instance extends Detection {
  /** COCO's run lengths, or a PNG in base64. */
  readonly mask: RunLengths | string;
}

/**
 * Boxes on the original picture, with their labels, best first.
 * @param labels Names of the classes in the order of their numbers; without any the number is the label.
 * @throws InferenceError bad_gateway for a class without a label: the labels are not the model's.
 */
export function toDetections(found: FoundBoxes, geometry: ImageGeometry, labels: readonly string[]): Detection[] {
  const { boxes, unit, scores, classes } = found;
  return Array.from(scores, (score, index) => {
    const corners = Array.from(boxes.subarray(index * 4, index * 4 + 4)) as unknown as Box;
    return {
      label: labelOf(classes[index] as number, labels),
      score: shortestFloat32(score),
      box: toSides(onPicture(corners, unit, geometry)),
    };
  });
}

function onPicture(box: Box, unit: FoundBoxes["unit"], geometry: ImageGeometry): Box {
  if (unit === "tensor") return geometry.inverse([box])[0] as Box;
  const { width, height } = geometry;
  return [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
}

function labelOf(number: number, labels: readonly string[]): string {
  if (labels.length === 0) return String(number);
  const label = labels[number];
  if (label !== undefined) return label;
  throw new InferenceError(`the model found class ${number}, and there are ${labels.length} labels`, {
    code: "bad_gateway",
  });
}

function toSides([xmin, ymin, xmax, ymax]: Box): DetectionBox {
  return { xmin: shorten(xmin), ymin: shorten(ymin), xmax: shorten(xmax), ymax: shorten(ymax) };
}

/** Float32 is what models compute in; more digits would be noise. */
function shorten(value: number): number {
  return shortestFloat32(Math.fround(value));
}
