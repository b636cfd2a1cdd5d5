import { readFileSync } from "node:fs";
import { type InferResponse, Transformer } from "kserve-transformer";

/** Reads a file that lies beside it. */
export default class Labels extends Transformer {
  readonly #labels = readFileSync(new URL("labels.txt", import.meta.url), "utf8")
    .trim()
    .split("\n");

  override postprocess(response: InferResponse) {
    return response.withPredictions(response.predictions.map((place) => this.#labels[Number(place)] ?? "?"));
  }
}
