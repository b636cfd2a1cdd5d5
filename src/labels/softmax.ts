import { sigmoid as sigmoidOf, softmaxRow } from "../tensor/activations.ts";
import { createTensor, type Tensor } from "../tensor/tensor.ts";
import { scoreRows } from "./score-rows.ts";

/**
 * exp(x) / Σ exp(x) over the last dimension, in float64, same name and shape.
 * @throws InferenceError bad_gateway for BYTES and for a scalar.
 */
export function softmax(tensor: Tensor): Tensor<"FP64"> {
  return createTensor(tensor.name, "FP64", tensor.shape, Float64Array.from(scoreRows(tensor).flatMap(softmaxRow)));
}

/**
 * 1 / (1 + exp(-x)), in float64, same name and shape.
 * @throws InferenceError bad_gateway for BYTES and for a scalar.
 */
export function sigmoid(tensor: Tensor): Tensor<"FP64"> {
  return createTensor(tensor.name, "FP64", tensor.shape, Float64Array.from(scoreRows(tensor).flat(), sigmoidOf));
}
