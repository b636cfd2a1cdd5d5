import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ComputeCounts, DurationCount } from "../../observability/statistics/model-counts.ts";
import type { ModelConfigResponseSchema } from "../../protocol/grpc/gen/inference_pb.ts";
import { DataType } from "../../protocol/grpc/gen/model_config_pb.ts";
import type {
  ModelStatisticsResponseSchema,
  StatisticDurationSchema,
} from "../../protocol/grpc/gen/model_statistics_pb.ts";
import type { TensorSpec } from "../../tensor/tensor.ts";
import { dataTypeName, type ModelConfig } from "../model-config.ts";
import { type ModelStatistics, toNanoseconds } from "../model-statistics.ts";

/** The configuration as Triton's `ModelConfigResponse`. */
export function toConfigMessage(config: ModelConfig): MessageInitShape<typeof ModelConfigResponseSchema> {
  const { inputs, outputs, responseCache, ...head } = config;
  const tensors = { input: inputs.map(toTensor), output: outputs.map(toTensor) };
  return { config: { ...head, ...tensors, responseCache: { enable: responseCache } } };
}

function toTensor({ name, datatype, shape }: TensorSpec) {
  return { name, dataType: DataType[dataTypeName(datatype)], dims: shape.map(BigInt) };
}

/** The counts as Triton's `ModelStatisticsResponse`. */
export function toStatisticsMessage(
  statistics: readonly ModelStatistics[],
): MessageInitShape<typeof ModelStatisticsResponseSchema> {
  return {
    modelStats: statistics.map((model) => ({
      name: model.name,
      version: model.version,
      lastInference: BigInt(model.lastInference),
      inferenceCount: BigInt(model.inferences),
      executionCount: BigInt(model.executions),
      inferenceStats: {
        success: toDuration(model.success),
        fail: toDuration(model.fail),
        queue: toDuration(model.queue),
        ...toCompute(model),
        cacheHit: toDuration(model.cacheHit),
        cacheMiss: toDuration(model.cacheMiss),
      },
      batchStats: model.batches.map((batch) => ({ batchSize: BigInt(batch.batchSize), ...toCompute(batch) })),
    })),
  };
}

function toCompute({ computeInput, computeInfer, computeOutput }: ComputeCounts) {
  return {
    computeInput: toDuration(computeInput),
    computeInfer: toDuration(computeInfer),
    computeOutput: toDuration(computeOutput),
  };
}

function toDuration({ count, milliseconds }: DurationCount): MessageInitShape<typeof StatisticDurationSchema> {
  return { count: BigInt(count), ns: BigInt(toNanoseconds(milliseconds)) };
}
