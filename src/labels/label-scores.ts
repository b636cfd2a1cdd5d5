import { InferenceError } from "../errors.ts";
import { softmaxRow } from "../tensor/activations.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { labelledRows } from "./score-rows.ts";
import { shortestFloat32 } from "./shortest-float.ts";

export interface LabelScoresOptions {
  /** Turns logits into probabilities, in float64. @default false: values as the model gave them */
  readonly softmax?: boolean;
  /** Only so many labels, the best first. @default all, in the order of `labels` */
  readonly top?: number;
}

/**
 * One object a row, `{"dress": 0.8, "hat": 0.1, …}`, from a tensor of shape [rows, labels]. A float32 becomes the shortest
 * decimal that reads back as the same float32: 0.8, not 0.800000011920929. (JavaScript puts keys that are whole numbers
 * first; `topLabels` keeps every order.)
 * @throws InferenceError bad_gateway when labels and scores differ in number; internal for a label that is there twice.
 */
export function labelScores(
  tensor: Tensor,
  labels: readonly string[],
  options: LabelScoresOptions = {},
): Record<string, number>[] {
  return rank(tensor, labels, options).map((row) => Object.fromEntries(row));
}

export interface LabelScore {
  readonly [key: string]: string | number;
  readonly label: string;
  readonly score: number;
}

/**
 * The best labels of each row as `[{label, score}, …]`, best first.
 * @throws InferenceError bad_gateway when labels and scores differ in number, and for NaN, which has no place among scores;
 *   internal for a label that is there twice.
 */
export function topLabels(
  tensor: Tensor,
  labels: readonly string[],
  options: { readonly top?: number; readonly softmax?: boolean } = {},
): LabelScore[][] {
  const { top = labels.length, softmax = false } = options;
  return rank(tensor, labels, { top, softmax }).map((row) => row.map(([label, score]) => ({ label, score })));
}

function rank(tensor: Tensor, labels: readonly string[], { softmax, top }: LabelScoresOptions): [string, number][][] {
  const narrow = ["FP32", "FP16", "BF16"].includes(tensor.datatype);
  return labelledRows(tensor, labels).map((row, place) => {
    const scores = softmax ? softmaxRow(row) : narrow ? row.map(shortestFloat32) : row;
    if (top !== undefined && scores.some(Number.isNaN)) {
      const wrong = row.findIndex((score) => Number.isNaN(score) || score === Number.POSITIVE_INFINITY);
      throw new InferenceError(
        `output '${tensor.name}': expected finite scores, got ${row[wrong]} for label '${labels[wrong]}' of row ${place}`,
        { code: "bad_gateway" },
      );
    }
    const pairs = scores.map((score, index): [string, number] => [labels[index] as string, score]);
    return top === undefined ? pairs : pairs.sort((one, other) => other[1] - one[1]).slice(0, top);
  });
}
