export { type BreakerOptions, createBreakingPredictor } from "./breaking-predictor.ts";
export { type CreatePredictorOptions, createPredictor, type PredictorProtocol } from "./create-predictor.ts";
export { fromAxios } from "./from-axios.ts";
export {
  createFunctionPredictor,
  type FunctionPredictorOptions,
  type PredictorFunction,
} from "./function-predictor.ts";
export { createHttpPredictor } from "./http-predictor.ts";
export type { HttpPredictorOptions } from "./http-predictor-options.ts";
export { createOnnxPredictor, type OnnxPredictorOptions } from "./onnx-predictor.ts";
export type { Predictor } from "./predictor.ts";

// The names below are for people who write predictors, servers or HTTP clients of their own.

export { composeDeadline, type Deadline, parseTimeout } from "./deadline.ts";
export { type ForwardHeadersOptions, resolveForwardHeaders, selectForwardHeaders } from "./forward-headers.ts";
export { withoutHopByHop } from "./hop-by-hop.ts";
export type { HttpClient, HttpClientRequest, HttpClientResponse } from "./http-client.ts";
export type { Forwarder, ForwardHandle, ForwardHandler, ForwardRequest } from "./predictor.ts";
export { type FailureKind, PredictorFailure } from "./predictor-failure.ts";
