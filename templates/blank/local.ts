import type { InferRequest } from "kserve-transformer";
import ScoreTransformer from "./transformer.ts";

/** The transformer with a sum in place of its predictor, to try it on a laptop: `npm start`. */
export default class LocalTransformer extends ScoreTransformer {
  override predict(request: InferRequest) {
    const rows = request.instances as number[][];
    return request.reply({ predictions: rows.map((row) => row.reduce((sum, value) => sum + value, 0)) });
  }
}
