import { InferenceError, invalidArgument } from "../errors.ts";
import type { RequestedOutput } from "../inference/content.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import { readElements } from "../inference/row-and-tensor-values.ts";
import { rowsToTensors } from "../inference/rows-and-tensors.ts";
import type { Values } from "../inference/values.ts";
import { formatJson } from "../json/format-json.ts";
import { formatLargeJson, isLargeJson } from "../json/format-json-parts.ts";
import { inSteps, remember } from "../resumable.ts";
import { byteLength, joinParts } from "../tensor/join-parts.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import type { NonFiniteText } from "../tensor/number-text/create-element-writer.ts";
import { createTensor, type Tensor, type TensorSpec } from "../tensor/tensor.ts";
import { PIECE, type Steps } from "../turns.ts";
import { classifyTensor } from "./classify-tensor.ts";
import { guardEncoding, PredictorValues } from "./response-faults.ts";

/**
 * What a client that takes tensors gets (V2, gRPC). Predictions that are not tensors become the declared outputs, else
 * always one BYTES tensor `predictions` [N] of JSON texts, so that the wire schema never depends on a batch. A V1
 * predictor's own response is read as tensors where it has that form.
 * @throws InferenceError invalid_argument for a requested output that is not there.
 */
export function resolveResponseTensors(
  response: InferResponse,
  requested: readonly RequestedOutput[] | undefined,
  declared: readonly TensorSpec[] | undefined,
  nonFinite?: NonFiniteText,
): readonly Tensor[] {
  const { values } = response.content;
  const tensors = remember(values, "outputs", () => selectOutputs(tensorsOf(values, declared, nonFinite), requested));
  readElements(tensors);
  return tensors;
}

function selectOutputs(
  tensors: readonly Tensor[],
  requested: readonly RequestedOutput[] | undefined,
): readonly Tensor[] {
  if (requested === undefined || requested.length === 0) return tensors;
  return requested.map(({ name, parameters }) => {
    const tensor = tensors.find((candidate) => candidate.name === name);
    const { classification } = parameters;
    if (tensor !== undefined) return classification === undefined ? tensor : classifyTensor(tensor, classification);
    const there = tensors.map((candidate) => `'${candidate.name}'`).join(", ") || "none";
    throw invalidArgument(`requested output '${name}' is not there; the outputs are ${there}`);
  });
}

function tensorsOf(
  values: Values,
  declared: readonly TensorSpec[] | undefined,
  nonFinite: NonFiniteText | undefined,
): readonly Tensor[] {
  const typed = declared !== undefined && declared.length > 0;
  if (values instanceof PredictorValues) {
    if (typed || values.native === "tensors") return values.tensorsAs(declared);
    try {
      return values.tensors();
    } catch (error) {
      if (!InferenceError.isInstance(error)) throw error;
      return [jsonTexts(values, nonFinite)];
    }
  }
  if (values.native === "tensors") return values.tensors();
  return guardEncoding(() =>
    typed ? rowsToTensors(values.rows(), "output", declared) : [jsonTexts(values, nonFinite)],
  );
}

/** Each row as JSON text. */
function jsonTexts(values: Values, nonFinite: NonFiniteText | undefined): Tensor {
  const rows = values.rows();
  const texts = inSteps(rows, "texts", () => textsOf(rows, nonFinite));
  return createTensor("predictions", "BYTES", [texts.length], texts);
}

function* textsOf(rows: readonly JsonValue[], nonFinite: NonFiniteText | undefined): Steps<Uint8Array[]> {
  const encoder = new TextEncoder();
  const texts: Uint8Array[] = [];
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    const place = `predictions[${index}]`;
    if (isLargeJson(row)) {
      const parts = yield* formatLargeJson(row, place, nonFinite);
      const { buffer, byteOffset, length } = yield* joinParts(parts, byteLength(parts));
      texts.push(new Uint8Array(buffer, byteOffset, length));
      continue;
    }
    const text = encoder.encode(formatJson(row, place, nonFinite));
    texts.push(text);
    bytes += 64 + text.length;
    if (bytes < PIECE) continue;
    bytes = 0;
    yield;
  }
  return texts;
}
