import { InferenceError, type InferRequest, type InferResponse, type JsonValue, Transformer } from "kserve-transformer";

const SPECIES = ["setosa", "versicolor", "virginica"];

export default class FlowerTransformer extends Transformer {
  /** The client's request → the predictor's. */
  override preprocess(request: InferRequest) {
    return request.withInstances(request.instances.map(readPetal));
  }

  /** The predictor's response → the client's. */
  override postprocess(response: InferResponse) {
    return response.withPredictions(
      response.predictions.map((index) => ({ species: SPECIES[Number(index)] ?? "unknown" })),
    );
  }
}

function readPetal(row: JsonValue, index: number): number[] {
  const { petal } = (row ?? {}) as { readonly petal?: JsonValue };
  if (Array.isArray(petal) && petal.every((size) => typeof size === "number")) return petal;
  throw new InferenceError(`instances[${index}].petal: expected its length and width`, { code: "invalid_argument" });
}
