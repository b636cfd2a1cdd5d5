import { InferenceError } from "../../src/errors.ts";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { RowValues, TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

export function rowsRequest(rows: readonly JsonValue[], modelName = "m"): InferRequest {
  return new InferRequest({
    modelName,
    content: { parameters: {}, members: {}, values: new RowValues(rows, "input") },
  });
}

export function tensorsRequest(...tensors: readonly Tensor[]): InferRequest {
  const values = new TensorValues(tensors, "input");
  return new InferRequest({ modelName: "m", content: { parameters: {}, members: {}, values } });
}

/** The InferenceError that a promise rejects with; anything else fails the test. */
export async function inferenceErrorOf(promise: Promise<unknown>): Promise<InferenceError> {
  try {
    await promise;
  } catch (error) {
    if (InferenceError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("expected an InferenceError, but the promise resolved");
}

/** Message of an error and of all its causes: what a log would show. */
export function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return `${error.message}\n${causesOf(error.cause)}`;
}
