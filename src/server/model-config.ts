import type { Datatype } from "../tensor/datatype.ts";
import type { TensorSpec } from "../tensor/tensor.ts";
import type { Model } from "../transformer/model.ts";
import { modelMetadata } from "./model-repository.ts";

/** The part of Triton's `ModelConfig` that says what a model takes and gives. */
export interface ModelConfig {
  readonly name: string;
  readonly platform: string;
  /** 0: the batch is the first of `dims`, and no size of it is promised. */
  readonly maxBatchSize: 0;
  /** Responses are kept for equal requests. */
  readonly responseCache: boolean;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * V2's model configuration extension: the tensors of the model's metadata, in Triton's words.
 * @throws InferenceError unavailable for a model that is not ready, and what the predictor says when it is asked.
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_configuration.md
 */
export async function modelConfig(model: Model, signal: AbortSignal): Promise<ModelConfig> {
  const { name, platform = "", inputs, outputs } = await modelMetadata(model, signal);
  const responseCache = model.predictor?.cachesResponses ?? false;
  return { name, platform, maxBatchSize: 0, responseCache, inputs, outputs };
}

/** Name of a datatype in Triton's enumeration `DataType`. */
export function dataTypeName(datatype: Datatype): `TYPE_${Exclude<Datatype, "BYTES"> | "STRING"}` {
  return datatype === "BYTES" ? "TYPE_STRING" : `TYPE_${datatype}`;
}
