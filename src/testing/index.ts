export {
  type Fault,
  type MockPredictor,
  type MockPredictorOptions,
  type ReceivedRequest,
  startMockPredictor,
} from "./mock-predictor.ts";
export {
  type TestRequest,
  type TestRequestOptions,
  type V1Body,
  type V2RequestOptions,
  v1Request,
  v2Request,
} from "./requests.ts";
export {
  type TestAnswer,
  type TestAnswerer,
  type TestedTransformer,
  type TestTransformerOptions,
  testTransformer,
} from "./test-transformer.ts";
