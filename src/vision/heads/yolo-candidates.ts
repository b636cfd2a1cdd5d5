import type { Tensor } from "../../tensor/tensor.ts";
import type { Pace } from "../pace.ts";
import { isShare, unexpectedOutput } from "../tensor-floats.ts";

/** Where the numbers of a box stand: centre x, centre y, width, height, perhaps objectness, classes, extras. */
export interface YoloLayout {
  readonly boxes: number;
  /** Numbers of one box. */
  readonly members: number;
  readonly classes: number;
  /** Place of the first class among the members. */
  readonly first: number;
  /** What a box' score is: its best class, that times the objectness, or the objectness alone. */
  readonly scoring: "classes" | "product" | "objectness";
  /** Steps to the next box and to the next member of it. */
  readonly boxStep: number;
  readonly memberStep: number;
}

const { fround } = Math;

/** Boxes scored at a time between two looks at the clock. */
const SLICE = 4096;

/** Boxes above the threshold, in the order of the output. */
export interface YoloCandidates {
  readonly scores: Float32Array;
  readonly classes: Int32Array;
  readonly places: Uint32Array;
}

/**
 * The boxes whose best class is above the threshold.
 * @throws InferenceError bad_gateway for a score that is not from 0 to 1, as pixels of an output that lies the other way are.
 */
export async function findCandidates(
  output: Tensor,
  values: Float32Array,
  layout: YoloLayout,
  threshold: number,
  pace: Pace,
): Promise<YoloCandidates> {
  const scores = new Float32Array(layout.boxes);
  const classes = new Int32Array(layout.boxes);
  const places = new Uint32Array(layout.boxes);
  const best = new Float32Array(SLICE);
  const bestClass = new Int32Array(SLICE);
  let count = 0;
  for (let start = 0; start < layout.boxes; start += SLICE) {
    const many = Math.min(SLICE, layout.boxes - start);
    scoreSlice(values, layout, start, many, best, bestClass);
    for (let i = 0; i < many; i++) {
      const score = best[i] as number;
      if (!isShare(score)) throw unexpectedOutput(output, "scores from 0 to 1", `${score} for box ${start + i}`);
      if (!(score > threshold) || !isObject(values, layout, start + i, threshold)) continue;
      places[count] = start + i;
      scores[count] = score;
      classes[count] = bestClass[i] as number;
      count++;
    }
    if (pace.isDue) await pace.rest();
  }
  return {
    scores: scores.subarray(0, count),
    classes: classes.subarray(0, count),
    places: places.subarray(0, count),
  };
}

/** Highest score and its class of `count` boxes; class by class, since some heads store all boxes of a class together. */
function scoreSlice(
  values: Float32Array,
  { classes, first, scoring, boxStep, memberStep }: YoloLayout,
  start: number,
  count: number,
  best: Float32Array,
  bestClass: Int32Array,
): void {
  best.fill(Number.NEGATIVE_INFINITY);
  const countsClass = scoring !== "objectness";
  const hasObjectness = scoring !== "classes";
  for (let name = 0; name < classes; name++) {
    let at = start * boxStep + (first + name) * memberStep;
    const toObjectness = (1 + name) * memberStep;
    for (let i = 0; i < count; i++, at += boxStep) {
      const own = countsClass ? (values[at] as number) : 1;
      const score = hasObjectness ? fround(own * (values[at - toObjectness] as number)) : own;
      // A NaN stays: it is found afterwards.
      if (score > (best[i] as number) || Number.isNaN(score)) {
        best[i] = score;
        bestClass[i] = name;
      }
    }
  }
}

/** YOLOv5 asks the objectness first. */
function isObject(values: Float32Array, layout: YoloLayout, box: number, threshold: number): boolean {
  if (layout.scoring === "classes") return true;
  return (values[box * layout.boxStep + (layout.first - 1) * layout.memberStep] as number) > threshold;
}

/**
 * Left, top, right, bottom of the boxes at `places`, in float32 as Python computes them.
 * @throws InferenceError bad_gateway for a box that is not finite or has a negative side.
 */
export function yoloCorners(
  output: Tensor,
  values: Float32Array,
  { boxStep, memberStep }: YoloLayout,
  places: Uint32Array,
): Float32Array {
  const corners = new Float32Array(places.length * 4);
  for (let i = 0; i < places.length; i++) {
    const at = (places[i] as number) * boxStep;
    const x = values[at] as number;
    const y = values[at + memberStep] as number;
    const halfWidth = fround((values[at + 2 * memberStep] as number) / 2);
    const halfHeight = fround((values[at + 3 * memberStep] as number) / 2);
    corners[i * 4] = x - halfWidth;
    corners[i * 4 + 1] = y - halfHeight;
    corners[i * 4 + 2] = x + halfWidth;
    corners[i * 4 + 3] = y + halfHeight;
    if (!Number.isFinite(x + y + halfWidth + halfHeight) || halfWidth < 0 || halfHeight < 0) {
      const got = `centre ${x}, ${y} and half size ${halfWidth}, ${halfHeight} for box ${places[i]}`;
      throw unexpectedOutput(output, "finite boxes of positive sides", got);
    }
  }
  return corners;
}

/**
 * The numbers after the classes of the boxes at `places`, box by box.
 * @throws InferenceError bad_gateway for one that is not finite.
 */
export function yoloExtras(
  output: Tensor,
  values: Float32Array,
  layout: YoloLayout,
  places: Uint32Array,
): Float32Array {
  const { first, classes, members, boxStep, memberStep } = layout;
  const count = members - first - classes;
  return Float32Array.from({ length: places.length * count }, (_, i) => {
    const box = places[Math.floor(i / count)] as number;
    const value = values[box * boxStep + (first + classes + (i % count)) * memberStep] as number;
    if (!Number.isFinite(value)) throw unexpectedOutput(output, "finite numbers", `${value} for box ${box}`);
    return value;
  });
}
