import type { InferRequest } from "kserve-transformer";
import { createLinearModel } from "kserve-transformer/tabular";
import TabularTransformer from "./transformer.ts";

/** The transformer with the specification's coefficients in place of its predictor, to try it on a laptop: `npm start`. */
export default class LocalTransformer extends TabularTransformer {
  readonly #model = createLinearModel(this.specification);

  override predict(request: InferRequest) {
    return request.reply({ predictions: this.#model.probabilities(request.instances as number[][]) });
  }
}
