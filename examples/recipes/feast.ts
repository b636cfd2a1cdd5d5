import { type InferRequest, type RequestContext, Transformer } from "kserve-transformer";
import { z } from "zod";

const FEATURES = ["driver:rating", "driver:trips"];
const driver = z.object({ driver_id: z.number().int() });
const online = z.object({ results: z.array(z.object({ values: z.array(z.unknown()) })) });

/** Driver ids → features of Feast's feature server → vectors. */
export default class FeastLookup extends Transformer {
  override async preprocess(request: InferRequest, context: RequestContext) {
    const ids = request.rows(driver).map((row) => row.driver_id);
    const { body } = await context.fetch("http://feast.shop:6566/get-online-features", {
      trusted: true,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ features: FEATURES, entities: { driver_id: ids } }),
    });
    const { results } = online.parse(JSON.parse(new TextDecoder().decode(body)));
    // The first column is the entity itself.
    const columns = results.slice(-FEATURES.length);
    return request.withInstances(ids.map((_, row) => columns.map(({ values }) => Number(values[row]))));
  }
}
