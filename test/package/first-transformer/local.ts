import type { InferRequest } from "kserve-transformer";
import FlowerTransformer from "./transformer.ts";

/** The transformer with a rule in place of its predictor. */
export default class LocalTransformer extends FlowerTransformer {
  override predict(request: InferRequest) {
    const petals = request.instances as number[][];
    return request.reply({ predictions: petals.map(([length = 0]) => (length < 2.5 ? 0 : length < 4.8 ? 1 : 2)) });
  }
}
