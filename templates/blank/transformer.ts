import { InferenceError, type InferRequest, type InferResponse, type JsonValue, Transformer } from "kserve-transformer";

/** `{"values": [1, 2]}` in front, `[1, 2]` at the predictor, `{"score": 3}` as the response. */
export default class ScoreTransformer extends Transformer {
  /** The client's request → the predictor's. */
  override preprocess(request: InferRequest) {
    return request.withInstances(request.instances.map(readValues));
  }

  /** The predictor's response → the client's. */
  override postprocess(response: InferResponse) {
    return response.withPredictions(response.predictions.map((score) => ({ score })));
  }
}

/** What is thrown as an InferenceError reaches the client in its own words; anything else as "internal error". */
function readValues(row: JsonValue, index: number): number[] {
  const values = row !== null && typeof row === "object" && "values" in row ? row.values : undefined;
  if (Array.isArray(values) && values.every((value) => typeof value === "number")) return values;
  throw new InferenceError(`instances[${index}].values: expected an array of numbers`, { code: "invalid_argument" });
}
