import { type InferResponse, Transformer } from "kserve-transformer";
import { Counter, register } from "prom-client";

const NAME = "shop_labels_total";

/** A name may be registered once, and each model has an instance of its transformer: the second takes the first one's. */
const labels = () =>
  (register.getSingleMetric(NAME) as Counter | undefined) ??
  new Counter({ name: NAME, help: "Predictions by label", labelNames: ["label"] });

/** Counts predictions by label; `/metrics` shows what stands in prom-client's default registry. */
export default class Counted extends Transformer {
  readonly #labels = labels();

  override postprocess(response: InferResponse) {
    for (const label of response.predictions) this.#labels.inc({ label: String(label) });
    return response;
  }
}
