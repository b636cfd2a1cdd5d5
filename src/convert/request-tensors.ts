import { blameHook } from "../inference/checks/blame.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { ModelMetadata } from "../inference/model-metadata.ts";
import { readElements } from "../inference/row-and-tensor-values.ts";
import { rowsToTensors } from "../inference/rows-and-tensors.ts";
import { remember } from "../resumable.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isDerived } from "./derived-values.ts";

/**
 * What a predictor that takes tensors gets (V2, gRPC, embedded models): tensors that a hook or a V2 client made go as they
 * are; those derived from rows are named and typed by the predictor's metadata: to floats by rounding, to integers only
 * exactly.
 * @throws InferenceError invalid_argument that names the row which does not fit.
 */
export function resolveRequestTensors(request: InferRequest, metadata: ModelMetadata | undefined): readonly Tensor[] {
  const { values } = request.content;
  if (metadata === undefined || metadata.inputs.length === 0) return values.tensors();
  if (isDerived(values)) return remember(values, "predictor's", () => values.tensorsAs(metadata.inputs));
  if (values.native === "tensors") return values.tensors();
  return remember(values, "predictor's", () => rowsToTensors(values.rows(), "input", metadata.inputs));
}

/**
 * Runs the encoding of a request's values. Where a hook made them, what cannot be written is no mistake of the client's; of
 * what it handed on, elements that are not read yet still are the client's.
 * @throws InferenceError internal in place of invalid_argument.
 */
export function guardValues<T>({ content: { values } }: InferRequest, encode: () => T): T {
  if (values.fromHook !== true) return encode();
  if (values.native === "tensors") readElements(values.tensors());
  return blameHook(encode);
}

/** As `guardValues`, for parameters and members. */
export function guardExtras<T>({ content }: InferRequest, encode: () => T): T {
  return content.extrasFromHook === true ? blameHook(encode) : encode();
}
