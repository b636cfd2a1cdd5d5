import { Buffer } from "node:buffer";
import { InferenceError, invalidArgument } from "../errors.ts";
import type { RequestedOutput } from "../inference/content-source.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import { rowsToTensors } from "../inference/rows-and-tensors.ts";
import type { Values } from "../inference/values.ts";
import { createTensor, type Tensor, type TensorSpec } from "../tensor/tensor.ts";
import { AnswerValues } from "./guard-answer.ts";
import { formatJson } from "./json/format-json.ts";

/**
 * What a client that takes tensors gets (V2, gRPC). Predictions that are not tensors become the declared outputs, else
 * always one BYTES tensor `predictions` [N] of JSON texts, so that the wire schema never depends on a batch. A V1
 * predictor's own answer is read as tensors where it has that form.
 * @throws InferenceError invalid_argument for a requested output that is not there.
 */
export function resolveAnswerTensors(
  response: InferResponse,
  requested: readonly RequestedOutput[] | undefined,
  declared: readonly TensorSpec[] | undefined,
): readonly Tensor[] {
  const tensors = tensorsOf(response.content.values, declared);
  if (requested === undefined || requested.length === 0) return tensors;
  return requested.map(({ name }) => {
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (tensor !== undefined) return tensor;
    const there = tensors.map((candidate) => `'${candidate.name}'`).join(", ") || "none";
    throw invalidArgument(`requested output '${name}' is not there; the outputs are ${there}`);
  });
}

function tensorsOf(values: Values, declared: readonly TensorSpec[] | undefined): readonly Tensor[] {
  if (values.native === "tensors") return values.tensors();
  if (declared !== undefined && declared.length > 0) {
    return values instanceof AnswerValues ? values.tensors() : rowsToTensors(values.rows(), "output", declared);
  }
  if (values instanceof AnswerValues) {
    try {
      return values.tensors();
    } catch (error) {
      if (!InferenceError.isInstance(error)) throw error;
    }
  }
  const texts = values.rows().map((row, index) => Buffer.from(formatJson(row, `predictions[${index}]`), "utf8"));
  return [createTensor("predictions", "BYTES", [texts.length], texts)];
}
