import type { ComputeCounts, DurationCount } from "../../observability/statistics/model-counts.ts";
import type { TensorSpec } from "../../tensor/tensor.ts";
import { dataTypeName, type ModelConfig } from "../model-config.ts";
import { type ModelStatistics, toNanoseconds } from "../model-statistics.ts";

/** The configuration in JSON: the names of Triton's `model_config.proto`, dimensions as numbers. */
export function toConfigBody({ name, platform, maxBatchSize, responseCache, inputs, outputs }: ModelConfig): object {
  return {
    name,
    platform,
    backend: "",
    max_batch_size: maxBatchSize,
    input: inputs.map((spec) => ({ ...toTensor(spec), format: "FORMAT_NONE", optional: false })),
    output: outputs.map((spec) => ({ ...toTensor(spec), label_filename: "" })),
    response_cache: { enable: responseCache },
  };
}

function toTensor({ name, datatype, shape }: TensorSpec): object {
  return { name, data_type: dataTypeName(datatype), dims: shape, is_shape_tensor: false };
}

/** `$stats_model_response` of the statistics extension. */
export function toStatisticsBody(statistics: readonly ModelStatistics[]): object {
  return {
    model_stats: statistics.map((model) => ({
      name: model.name,
      version: model.version,
      last_inference: model.lastInference,
      inference_count: model.inferences,
      execution_count: model.executions,
      inference_stats: {
        success: toDuration(model.success),
        fail: toDuration(model.fail),
        queue: toDuration(model.queue),
        ...toCompute(model),
        cache_hit: toDuration(model.cacheHit),
        cache_miss: toDuration(model.cacheMiss),
      },
      response_stats: {},
      batch_stats: model.batches.map((batch) => ({ batch_size: batch.batchSize, ...toCompute(batch) })),
      memory_usage: [],
    })),
  };
}

function toCompute({ computeInput, computeInfer, computeOutput }: ComputeCounts): object {
  return {
    compute_input: toDuration(computeInput),
    compute_infer: toDuration(computeInfer),
    compute_output: toDuration(computeOutput),
  };
}

function toDuration({ count, milliseconds }: DurationCount): object {
  return { count, ns: toNanoseconds(milliseconds) };
}
