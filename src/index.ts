// To write transformers.
export { type ErrorCode, InferenceError, type InferenceErrorOptions } from "./errors.ts";
export type { RowSchema, StandardSchema } from "./inference/checks/standard-schema.ts";
export { InferRequest, type InferRequestInit } from "./inference/infer-request.ts";
export { InferResponse, type ResponseInit } from "./inference/infer-response.ts";
export type { InferenceClient, InferOptions, Verb } from "./inference/inference-client.ts";
export type { FetchOptions, FetchResult, GuardedFetch, Logger, RequestContext } from "./inference/request-context.ts";
export { createApp, serve } from "./server/index.ts";
export type { JsonObject, JsonValue } from "./tensor/json-value.ts";
export { createTensor, type Parameters, type Tensor, type TensorSpec } from "./tensor/tensor.ts";
export {
  type CompletionContext,
  type CompletionEndpoint,
  type LoadContext,
  Transformer,
  type TransformerFactory,
  type TransformerFactoryOptions,
} from "./transformer/transformer.ts";

// To extend the framework: predictors, listeners, servers of one's own.

export type { Exchange, ExchangeListener, ExchangeOutcome, StageName } from "./inference/exchange-listener.ts";
export type { ModelMetadata } from "./inference/model-metadata.ts";
export type { Predictor } from "./predictor/predictor.ts";
export type { AppOptions, Models, ServeOptions, ServerHandle } from "./server/index.ts";
export type { ModelOptions } from "./transformer/model-registry.ts";
