import type { Tensor } from "../../tensor/tensor.ts";
import { descendingOrder } from "../boxes/descending-order.ts";
import { type FoundBoxes, pickBoxes } from "../boxes/found-boxes.ts";
import { Pace } from "../pace.ts";
import { isShare, tensorFloats, unexpectedOutput } from "../tensor-floats.ts";

export interface DetrOptions {
  /**
   * `softmax`: one class a query, the last one is "nothing": DETR, YOLOS, Table Transformer. `sigmoid`: classes apart, the best
   * pairs of query and class: RT-DETR, D-FINE, Deformable and Conditional DETR.
   */
  readonly activation: "softmax" | "sigmoid";
  /** Only scores above this. @default 0.5 */
  readonly scoreThreshold?: number;
  /** For sigmoid: so many of the best pairs at most. @default as many as queries, as RT-DETR; Deformable DETR has 100 */
  readonly top?: number;
  /** How many classes the model has, without "nothing"; another number is an error. @default what the shape leaves */
  readonly classes?: number;
  readonly signal?: AbortSignal;
}

/**
 * What transformers' `post_process_object_detection` keeps, best first; boxes as shares of the picture.
 * @param logits [pictures, queries, classes]
 * @param boxes [pictures, queries, 4]: centre x, centre y, width, height as shares.
 * @throws InferenceError bad_gateway when the outputs have other shapes, numbers that are not finite, or boxes that are no shares.
 */
export async function decodeDetr(logits: Tensor, boxes: Tensor, options: DetrOptions): Promise<FoundBoxes[]> {
  const [pictures = 0, queries = 0, classes = 0] = logits.shape;
  const nothing = options.activation === "softmax" ? 1 : 0;
  const isOther = options.classes !== undefined && classes !== options.classes + nothing;
  if (logits.shape.length !== 3 || queries < 1 || classes < 1 + nothing || isOther) {
    const row = `${options.classes === undefined ? "classes" : `${options.classes} classes`}${nothing === 1 ? " + 1" : ""}`;
    throw unexpectedOutput(logits, `numbers of shape [pictures, queries, ${row}]`);
  }
  if (boxes.shape.length !== 3 || boxes.shape[0] !== pictures || boxes.shape[1] !== queries || boxes.shape[2] !== 4) {
    throw unexpectedOutput(
      boxes,
      `numbers of shape [${pictures}, ${queries}, 4], a box for each query of '${logits.name}'`,
    );
  }
  const pace = new Pace(options.signal);
  const scores = await tensorFloats(logits, pace);
  const corners = await tensorFloats(boxes, pace);
  const score = options.activation === "softmax" ? scoreBySoftmax : scoreBySigmoid;
  const found: FoundBoxes[] = [];
  for (let picture = 0; picture < pictures; picture++) {
    const pairs: Pair[] = [];
    const threshold = Math.fround(options.scoreThreshold ?? 0.5);
    for (let query = 0; query < queries; query++) {
      const from = (picture * queries + query) * classes;
      const row = scores.subarray(from, from + classes);
      if (!row.every(Number.isFinite))
        throw unexpectedOutput(
          logits,
          "finite numbers",
          `${row.find((value) => !Number.isFinite(value))} for query ${query}`,
        );
      pairs.push(...score(row, query).filter((pair) => pair.score > threshold));
      if (pace.isDue) await pace.rest();
    }
    const top = options.activation === "softmax" ? queries : (options.top ?? queries);
    found.push(
      toFound(pairs, cornersOf(boxes, corners.subarray(picture * queries * 4, (picture + 1) * queries * 4)), top),
    );
  }
  return found;
}

interface Pair {
  readonly query: number;
  readonly name: number;
  readonly score: number;
}

function scoreBySoftmax(row: Float32Array, query: number): Pair[] {
  const largest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
  const real = row.subarray(0, -1);
  const best = real.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return [{ query, name: real.indexOf(best), score: Math.fround(Math.exp(best - largest) / sum) }];
}

function scoreBySigmoid(row: Float32Array, query: number): Pair[] {
  return Array.from(row, (logit, name) => ({ query, name, score: Math.fround(1 / (1 + Math.exp(-logit))) }));
}

function toFound(pairs: readonly Pair[], corners: Float32Array, top: number): FoundBoxes {
  const scores = Float32Array.from(pairs, ({ score }) => score);
  const source: FoundBoxes = {
    boxes: Float32Array.from(pairs.flatMap(({ query }) => Array.from(corners.subarray(query * 4, query * 4 + 4)))),
    unit: "picture",
    scores,
    classes: Int32Array.from(pairs, ({ name }) => name),
    places: Uint32Array.from(pairs, ({ query }) => query),
  };
  return pickBoxes(source, Array.from(descendingOrder(scores).subarray(0, top)));
}

function cornersOf(output: Tensor, centres: Float32Array): Float32Array {
  const corners = new Float32Array(centres.length);
  for (let at = 0; at < centres.length; at += 4) {
    const [x, y] = [centres[at] as number, centres[at + 1] as number];
    const [halfWidth, halfHeight] = [(centres[at + 2] as number) / 2, (centres[at + 3] as number) / 2];
    corners.set([x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight], at);
    const own = centres.subarray(at, at + 4);
    if (!own.every(isShare)) {
      const expected = "boxes of centre, width and height as shares of the picture";
      throw unexpectedOutput(output, expected, `${own.join(", ")} for query ${at / 4}`);
    }
  }
  return corners;
}
