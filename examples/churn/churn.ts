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

/**
 * Customers → whether they leave. The model behind it is scikit-learn's classifier alone: no image of one's own that turns
 * records into vectors, since that is done here. `serve tabular` is this transformer for any specification.
 */
export default class ChurnTransformer extends Transformer {
  readonly #specification = parseTabularSpecification(
    readFileSync(new URL("churn.json", import.meta.url), "utf8"),
    "churn.json",
  );
  readonly #vectorizer = createVectorizer(this.#specification);
  override readonly outputs: readonly TensorSpec[] = responseSpecs(this.#specification);
  override readonly rowSchema = this.#vectorizer.records;
  override readonly featureNames = this.#vectorizer.featureNames;

  override preprocess(request: InferRequest): InferRequest {
    return request.withInstances(this.#vectorizer.vectors(request));
  }

  override postprocess(response: InferResponse): InferResponse {
    const answer = readPredictorResponse(response, this.#specification);
    if (answer.kind === "classes") throw new InferenceError("set PREDICT_PROBA=true on the predictor");
    return response.withPredictions(responseRows(answer, this.#specification.answer));
  }
}
