export type { CacheOutcome } from "../inference/inference-client.ts";
export type { BatchingOptions } from "./batching/batch-queue.ts";
export { createBatchingPredictor } from "./batching/batching-predictor.ts";
export { type BreakerOptions, createBreakingPredictor } from "./breaking-predictor.ts";
export { type CachingOptions, createCachingPredictor } from "./caching/caching-predictor.ts";
export { type CreatePredictorOptions, createPredictor, type PredictorProtocol } from "./create-predictor.ts";
export { createEchoPredictor } from "./embedded/echo-predictor.ts";
export {
  createFunctionPredictor,
  type FunctionPredictorOptions,
  type PredictorFunction,
} from "./embedded/function-predictor.ts";
export { createOnnxPredictor, type OnnxPredictorOptions } from "./embedded/onnx-predictor.ts";
export { fromAxios } from "./http/from-axios.ts";
export { createHttpPredictor } from "./http/http-predictor.ts";
export type { HttpPredictorOptions } from "./http/options.ts";
export type { Predictor } from "./predictor.ts";

// The names below are for people who write predictors, servers or HTTP clients of their own.

export { composeDeadline, type Deadline, parseTimeout } from "../policy/deadline.ts";
export { type ForwardHeadersOptions, resolveForwardHeaders, selectForwardHeaders } from "../policy/forward-headers.ts";
export { withoutHopByHop } from "../policy/hop-by-hop.ts";
export type { HttpClient, HttpClientRequest, HttpClientResponse } from "./http/http-client.ts";
export type { Forwarder, ForwardHandle, ForwardHandler, ForwardRequest, StreamedBody } from "./predictor.ts";
export { type FailureKind, PredictorFailure } from "./predictor-failure.ts";
