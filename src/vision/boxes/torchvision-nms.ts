import { invalidArgument } from "../../errors.ts";
import { Pace } from "../pace.ts";
import { descendingOrder } from "./descending-order.ts";

export interface NmsOptions {
  /** A box that covers a better one by more than this share is dropped; from 0 to 1. */
  readonly iouThreshold: number;
  /** Ends when so many boxes are kept. @default all */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

const { fround } = Math;

/** Up to so many boxes torchvision shifts classes apart instead of taking them one by one, which rounds differently. */
const SHIFTED_BOXES = 1000;

/**
 * torchvision's `ops.nms` on a CPU, bit for bit: places of the boxes that are kept, best first. Rests between slices of 8 ms.
 * @param boxes Left, top, right, bottom of each box, one after the other.
 * @throws InferenceError invalid_argument when boxes and scores differ in number, and for a threshold that is no share.
 */
export async function nms(boxes: ArrayLike<number>, scores: ArrayLike<number>, options: NmsOptions): Promise<number[]> {
  const [corners, values] = [toFloats(boxes), toFloats(scores)];
  assertBoxes(corners, values.length, "scores");
  return suppress(corners, descendingOrder(values), options);
}

/**
 * torchvision's `ops.batched_nms` on a CPU: boxes of one class never drop those of another.
 * @throws InferenceError invalid_argument when boxes, scores and classes differ in number.
 */
export async function batchedNms(
  boxes: ArrayLike<number>,
  scores: ArrayLike<number>,
  classes: ArrayLike<number>,
  options: NmsOptions,
): Promise<number[]> {
  const [corners, values] = [toFloats(boxes), toFloats(scores)];
  assertBoxes(corners, values.length, "scores");
  assertBoxes(corners, classes.length, "classes");
  const order = descendingOrder(values);
  if (values.length <= SHIFTED_BOXES) {
    const largest = corners.reduce((most, value) => (value > most ? value : most), Number.NEGATIVE_INFINITY);
    return suppress(shiftByClass(corners, classes, fround(largest + 1)), order, options);
  }
  const isKept = new Uint8Array(values.length);
  for (const name of new Set(Array.from(classes))) {
    const members = order.filter((place) => classes[place] === name);
    for (const place of await suppress(corners, members, options)) isKept[place] = 1;
  }
  return Array.from(order.filter((place) => isKept[place] === 1)).slice(0, options.limit);
}

/** Boxes of different classes, moved so far apart that they never meet: class × offset is added, in float32. */
export function shiftByClass(boxes: Float32Array, classes: ArrayLike<number>, offset: number): Float32Array {
  const shifted = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i++) {
    shifted[i] = (boxes[i] as number) + fround((classes[i >> 2] as number) * offset);
  }
  return shifted;
}

/** Goes through `order` and drops what overlaps what was kept, with torchvision's float32 arithmetic. */
export async function suppress(
  boxes: Float32Array,
  order: Uint32Array,
  { iouThreshold, limit = Number.POSITIVE_INFINITY, signal }: NmsOptions,
): Promise<number[]> {
  if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
    throw invalidArgument(`iouThreshold: expected a number from 0 to 1, got ${iouThreshold}`);
  }
  const pace = new Pace(signal);
  const sorted = sortBoxes(boxes, order);
  const isDropped = new Uint8Array(order.length);
  const kept: number[] = [];
  for (let i = 0; i < order.length && kept.length < limit; i++) {
    if (isDropped[i] === 1) continue;
    kept.push(order[i] as number);
    dropOverlaps(sorted, i, iouThreshold, isDropped);
    if (pace.isDue) await pace.rest();
  }
  return kept;
}

/** One array a side: the loop over pairs mostly needs one or two of the four. */
interface SortedBoxes {
  readonly left: Float32Array;
  readonly top: Float32Array;
  readonly right: Float32Array;
  readonly bottom: Float32Array;
}

function sortBoxes(boxes: Float32Array, order: Uint32Array): SortedBoxes {
  const side = (corner: number): Float32Array => {
    const values = new Float32Array(order.length);
    for (let i = 0; i < order.length; i++) values[i] = boxes[(order[i] as number) * 4 + corner] as number;
    return values;
  };
  return { left: side(0), top: side(1), right: side(2), bottom: side(3) };
}

function dropOverlaps(boxes: SortedBoxes, best: number, threshold: number, isDropped: Uint8Array): void {
  const { left: lefts, top: tops, right: rights, bottom: bottoms } = boxes;
  const left = lefts[best] as number;
  const top = tops[best] as number;
  const right = rights[best] as number;
  const bottom = bottoms[best] as number;
  const area = fround(fround(right - left) * fround(bottom - top));
  for (let j = best + 1; j < isDropped.length; j++) {
    const otherLeft = lefts[j] as number;
    if (otherLeft >= right) continue;
    const otherRight = rights[j] as number;
    if (otherRight <= left) continue;
    const otherTop = tops[j] as number;
    if (otherTop >= bottom) continue;
    const otherBottom = bottoms[j] as number;
    if (otherBottom <= top) continue;
    const width = fround((right < otherRight ? right : otherRight) - (left > otherLeft ? left : otherLeft));
    const height = fround((bottom < otherBottom ? bottom : otherBottom) - (top > otherTop ? top : otherTop));
    if (width <= 0 || height <= 0) continue;
    const shared = fround(width * height);
    const otherArea = fround(fround(otherRight - otherLeft) * fround(otherBottom - otherTop));
    if (fround(shared / fround(fround(area + otherArea) - shared)) > threshold) isDropped[j] = 1;
  }
}

function toFloats(values: ArrayLike<number>): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

function assertBoxes(corners: Float32Array, count: number, what: string): void {
  if (corners.length === count * 4) return;
  throw invalidArgument(
    `expected 4 numbers a box and as many ${what} as boxes, got ${corners.length} numbers and ${count} ${what}`,
  );
}
