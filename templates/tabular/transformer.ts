import { readFileSync } from "node:fs";
import {
  InferenceError,
  type InferRequest,
  type InferResponse,
  type TensorSpec,
  Transformer,
} from "kserve-transformer";
import {
  createVectorizer,
  parseTabularSpecification,
  readPredictorResponse,
  responseRows,
  responseSpecs,
} from "kserve-transformer/tabular";

/** `{"contract": "one_year", "tenure": 12}` in front, a vector at the predictor, `{"churn_probability": 0.2, "churn": false}` as the response. */
export default class TabularTransformer extends Transformer {
  readonly specification = parseTabularSpecification(
    readFileSync(new URL("specification.json", import.meta.url), "utf8"),
    "specification.json",
  );
  override readonly outputs: readonly TensorSpec[] = responseSpecs(this.specification);
  readonly #vectorizer = createVectorizer(this.specification);
  override readonly rowSchema = this.#vectorizer.records;

  override preprocess(request: InferRequest) {
    return request.withInstances(this.#vectorizer.vectors(request));
  }

  override postprocess(response: InferResponse) {
    const answer = readPredictorResponse(response, this.specification);
    if (answer.kind === "classes") {
      throw new InferenceError("the predictor answers classes without probabilities: set PREDICT_PROBA=true on it");
    }
    return response.withPredictions(responseRows(answer, this.specification.answer));
  }
}
