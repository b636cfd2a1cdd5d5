import { createTensor, type Tensor } from "../tensor/tensor.ts";
import { scoreRows } from "./score-rows.ts";

/**
 * exp(x) / Σ exp(x) over the last dimension, in float64, same name and shape.
 * @throws InferenceError internal for BYTES and for a scalar.
 */
export function softmax(tensor: Tensor): Tensor<"FP64"> {
  return createTensor(tensor.name, "FP64", tensor.shape, Float64Array.from(scoreRows(tensor).flatMap(softmaxRow)));
}

/** The largest value is subtracted first, so that nothing overflows. */
export function softmaxRow(values: readonly number[]): number[] {
  const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
