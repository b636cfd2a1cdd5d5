// Names for people who write predictors, servers or HTTP clients of their own.
export { composeDeadline, type Deadline, parseTimeout } from "./deadline.ts";
export { type ForwardHeadersOptions, resolveForwardHeaders, selectForwardHeaders } from "./forward-headers.ts";
export { withoutHopByHop } from "./hop-by-hop.ts";
export type { HttpClient, HttpClientRequest, HttpClientResponse } from "./http-client.ts";
export { createHttpPredictor } from "./http-predictor.ts";
export type { HttpPredictorOptions } from "./http-predictor-options.ts";
export type { Forwarder, ForwardHandle, ForwardHandler, ForwardRequest, Predictor } from "./predictor.ts";
export { type FailureKind, PredictorFailure } from "./predictor-failure.ts";
