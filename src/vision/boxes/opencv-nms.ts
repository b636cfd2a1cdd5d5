import { invalidArgument } from "../../errors.ts";
import { Pace } from "../pace.ts";
import { descendingOrder } from "./descending-order.ts";

const { fround } = Math;

export interface NmsBoxesOptions {
  /** Only scores above this, as a float32. */
  readonly scoreThreshold: number;
  /** A box that covers a better one by more than this share is dropped. */
  readonly nmsThreshold: number;
  /** Makes the threshold smaller with each box that is kept, down to 0.5. @default 1: it stays */
  readonly eta?: number;
  /** Only so many boxes are looked at, the best. @default 0: all */
  readonly topK?: number;
  readonly signal?: AbortSignal;
}

/**
 * OpenCV's `dnn.NMSBoxes`: places of the boxes that are kept, best first. Rests between slices of 8 ms.
 * @param boxes Left, top, width, height of each box, one after the other.
 * @throws InferenceError invalid_argument when boxes and scores differ in number, and for thresholds that OpenCV refuses.
 */
export async function nmsBoxes(
  boxes: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: NmsBoxesOptions,
): Promise<number[]> {
  const { scoreThreshold, nmsThreshold, eta = 1, topK = 0, signal } = options;
  if (boxes.length !== scores.length * 4) {
    throw invalidArgument(
      `expected 4 numbers a box and as many scores as boxes, got ${boxes.length} numbers and ${scores.length} scores`,
    );
  }
  if (!(scoreThreshold >= 0 && nmsThreshold >= 0 && eta > 0)) {
    throw invalidArgument(
      `expected scoreThreshold and nmsThreshold of at least 0 and eta above 0, got ${scoreThreshold}, ${nmsThreshold} and ${eta}`,
    );
  }
  const order = candidates(Float32Array.from(scores), fround(scoreThreshold));
  const pace = new Pace(signal);
  const kept: number[] = [];
  let threshold = fround(nmsThreshold);
  for (const place of topK > 0 ? order.subarray(0, topK) : order) {
    if (kept.every((other) => overlap(boxes, place, other) <= threshold)) {
      kept.push(place);
      if (eta < 1 && threshold > 0.5) threshold = fround(threshold * fround(eta));
    }
    if (pace.isDue) await pace.rest();
  }
  return kept;
}

/**
 * OpenCV's `dnn.NMSBoxesBatched`: boxes of one class never drop those of another.
 * @throws InferenceError invalid_argument as `nmsBoxes`.
 */
export async function nmsBoxesBatched(
  boxes: ArrayLike<number>,
  scores: ArrayLike<number>,
  classes: ArrayLike<number>,
  options: NmsBoxesOptions,
): Promise<number[]> {
  if (classes.length !== scores.length) {
    throw invalidArgument(`expected as many classes as scores, got ${classes.length} and ${scores.length}`);
  }
  let far = 0;
  for (let i = 0; i < boxes.length; i += 4) {
    const [left = 0, top = 0, width = 0, height = 0] = [boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3]];
    far = Math.max(far, left + width, top + height);
  }
  const shifted = Float64Array.from(boxes, (value, i) =>
    i % 4 < 2 ? value + (classes[i >> 2] as number) * (far + 1) : value,
  );
  return nmsBoxes(shifted, scores, options);
}

function candidates(scores: Float32Array, threshold: number): Uint32Array {
  return descendingOrder(scores).filter((place) => (scores[place] as number) > threshold);
}

/** 1 - jaccardDistance, in doubles, and as a float32 at the end. */
function overlap(boxes: ArrayLike<number>, one: number, other: number): number {
  const a = one * 4;
  const b = other * 4;
  const width = boxes[a + 2] as number;
  const height = boxes[a + 3] as number;
  const otherWidth = boxes[b + 2] as number;
  const otherHeight = boxes[b + 3] as number;
  const areas = width * height + otherWidth * otherHeight;
  if (areas <= 2 ** -52) return 1;
  const across = sharedLength(boxes[a] as number, width, boxes[b] as number, otherWidth);
  const down = sharedLength(boxes[a + 1] as number, height, boxes[b + 1] as number, otherHeight);
  const areBoxes = width > 0 && height > 0 && otherWidth > 0 && otherHeight > 0;
  if (!areBoxes || across <= 0 || down <= 0) return 0;
  const shared = across * down;
  return fround(1 - fround(1 - shared / (areas - shared)));
}

/** Rounded as OpenCV's intersection of rectangles is. */
function sharedLength(start: number, length: number, otherStart: number, otherLength: number): number {
  const isFirst = start < otherStart;
  const rest = isFirst ? length - (otherStart - start) : otherLength - (start - otherStart);
  const other = isFirst ? otherLength : length;
  return rest < other ? rest : other;
}
