export { type MatcherResult, type TensorTolerance, tensorMatchers } from "./matchers.ts";
export {
  type Fault,
  type MockPredictor,
  type MockPredictorOptions,
  type ReceivedRequest,
  startMockPredictor,
} from "./mock-predictor.ts";
export type { TestResponse } from "./received-response.ts";
export { record, replay } from "./recording.ts";
export {
  type TestRequest,
  type TestRequestOptions,
  type V1Body,
  type V2RequestOptions,
  v1Request,
  v2Request,
} from "./requests.ts";
export type { CompletionStandIn, StandIn } from "./stand-in-predictor.ts";
export { type TestedTransformer, type TestTransformerOptions, testTransformer } from "./test-transformer.ts";
