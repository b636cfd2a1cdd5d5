import { createTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Encoding } from "../tokenizer/encoding.ts";
import { tokenRows } from "./logit-rows.ts";

export interface PoolingOptions {
  /** `mean` over the tokens that are attended to, `cls` the first token, `max` the largest of each dimension. */
  readonly pooling: "mean" | "cls" | "max";
  /** Length 1. @default false */
  readonly normalize?: boolean;
}

/**
 * One vector a text, FP32 of shape [texts, dimensions], from a model's last hidden state [texts, tokens, dimensions];
 * sentence-transformers' Pooling and Normalize, summed in float64.
 * @param encodings What was sent, padded.
 * @throws InferenceError bad_gateway when the tensor has other sizes than what was sent.
 */
export function poolEmbeddings(
  hidden: Tensor,
  encodings: readonly Encoding[],
  { pooling, normalize = false }: PoolingOptions,
): Tensor<"FP32"> {
  const texts = tokenRows(hidden, encodings.length, encodings[0]?.tokens.length ?? 0);
  const dimensions = hidden.shape[2] ?? 0;
  const vectors = texts.flatMap((rows, text) => {
    const attended = rows.filter((_, index) => encodings[text]?.tokens[index]?.attention === 1);
    const vector = POOL[pooling](attended, rows, dimensions);
    return normalize ? unit(vector) : vector;
  });
  return createTensor("embedding", "FP32", [encodings.length, dimensions], Float32Array.from(vectors));
}

type Rows = readonly (readonly number[])[];

const POOL: Readonly<Record<PoolingOptions["pooling"], (attended: Rows, all: Rows, dimensions: number) => number[]>> = {
  // sentence-transformers takes the first place of the tensor, also where padding is on the left.
  cls: (_attended, [first = []]) => [...first],
  max: (attended, _all, dimensions) =>
    Array.from({ length: dimensions }, (_, index) =>
      attended.reduce((most, row) => Math.max(most, row[index] ?? 0), Number.NEGATIVE_INFINITY),
    ),
  mean: (attended, _all, dimensions) =>
    Array.from(
      { length: dimensions },
      (_, index) => attended.reduce((sum, row) => sum + (row[index] ?? 0), 0) / Math.max(attended.length, 1e-9),
    ),
};

/** PyTorch's `normalize`: a length below 1e-12 counts as that. */
function unit(vector: readonly number[]): number[] {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / Math.max(length, 1e-12));
}
