import type { Tensor } from "../../tensor/tensor.ts";
import type { FoundBoxes } from "../boxes/found-boxes.ts";
import { Pace } from "../pace.ts";
import { assertClass, isShare, tensorFloats, unexpectedOutput } from "../tensor-floats.ts";

export interface EndToEndOptions {
  /** Only scores above this. @default 0.25 */
  readonly scoreThreshold?: number;
  /** Of one picture. @default 300 */
  readonly maxDetections?: number;
  /** Numbers after the class of each box. @default 0 */
  readonly extras?: number;
  /** How many classes the model has; a higher number is an error. */
  readonly classes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Models that need no NMS: YOLOv10 and Ultralytics' end-to-end exports, [pictures, boxes, 6] with left, top, right, bottom, score and
 * class. In the model's order.
 * @throws InferenceError bad_gateway when the output has another shape, numbers that are not finite, sides that are the wrong way
 *   round, scores that are not from 0 to 1, or a class that the model does not have.
 */
export async function decodeEndToEnd(output: Tensor, options: EndToEndOptions = {}): Promise<FoundBoxes[]> {
  const { scoreThreshold = 0.25, maxDetections = 300, extras = 0, classes, signal } = options;
  const members = 6 + extras;
  const [pictures = 0, count = 0, width] = output.shape;
  if (output.shape.length !== 3 || width !== members) {
    throw unexpectedOutput(output, `numbers of shape [pictures, boxes, ${members}]`);
  }
  const pace = new Pace(signal);
  const values = await tensorFloats(output, pace);
  const threshold = Math.fround(scoreThreshold);
  const found: FoundBoxes[] = [];
  for (let picture = 0; picture < pictures; picture++) {
    const start = picture * count;
    const places: number[] = [];
    for (let box = 0; box < count && places.length < maxDetections; box++) {
      const score = values[(start + box) * members + 4] as number;
      if (Number.isNaN(score) || (score > threshold && !isShare(score))) {
        throw unexpectedOutput(output, "scores from 0 to 1", `${score} for box ${box} of picture ${picture}`);
      }
      if (score > threshold) places.push(box);
      if (box % 4096 === 0 && pace.isDue) await pace.rest();
    }
    const rows = places.map((box) => values.subarray((start + box) * members, (start + box + 1) * members));
    const wrong = rows.findIndex((row) => !isBox(row));
    if (wrong >= 0) {
      throw unexpectedOutput(
        output,
        "finite boxes and whole classes",
        `${rows[wrong]?.join(", ")} for box ${places[wrong]}`,
      );
    }
    for (const [index, row] of rows.entries())
      assertClass(output, row[5] as number, 0, classes, places[index] as number);
    found.push({
      boxes: Float32Array.from(rows.flatMap((row) => Array.from(row.subarray(0, 4)))),
      unit: "tensor",
      scores: Float32Array.from(rows, (row) => row[4] as number),
      classes: Int32Array.from(rows, (row) => row[5] as number),
      places: Uint32Array.from(places),
      ...(extras > 0 && { extras: Float32Array.from(rows.flatMap((row) => Array.from(row.subarray(6)))) }),
    });
  }
  return found;
}

/** Left, top, right, bottom, score, class. Another order has its right side on the left somewhere. */
function isBox(row: Float32Array): boolean {
  const [left = 0, top = 0, right = 0, bottom = 0, , name] = row;
  return row.every(Number.isFinite) && Number.isInteger(name) && left <= right && top <= bottom;
}
