import { type InferResponse, Transformer } from "kserve-transformer";
import { Counter } from "prom-client";

/** Counts predictions by label; `/metrics` shows what stands in prom-client's default registry. */
export default class Counted extends Transformer {
  readonly #labels = new Counter({ name: "shop_labels_total", help: "Predictions by label", labelNames: ["label"] });

  override postprocess(response: InferResponse) {
    for (const label of response.predictions) this.#labels.inc({ label: String(label) });
    return response;
  }
}
