import {
  type InferRequest,
  type InferResponse,
  type RequestContext,
  Transformer,
  type TransformerFactoryOptions,
} from "kserve-transformer";
import { z } from "zod";
import ClothingTransformer from "../clothing/clothing.ts";
import { createS3Store, type ObjectPlace, type ObjectStore } from "./object-store.ts";

/** What S3 and MinIO say of new objects. Keys are encoded as in a form. */
const notice = z.object({
  Records: z
    .array(
      z.object({ s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }) }),
    )
    .min(1),
});

interface State {
  pictures: { readonly place: ObjectPlace; readonly bytes: Uint8Array }[];
}

/** A picture that comes into a bucket is classified, and copied into a folder of its class in another bucket. */
export class SortPictures extends Transformer<State> {
  readonly #clothing = new ClothingTransformer();
  readonly #store: ObjectStore;
  readonly #results: string;

  constructor(store: ObjectStore, results: string) {
    super();
    this.#store = store;
    this.#results = results;
  }

  override createState(): State {
    return { pictures: [] };
  }

  override async preprocess(request: InferRequest, context: RequestContext<State>): Promise<InferRequest> {
    const records = request.rows(notice).flatMap(({ Records }) => Records);
    context.state.pictures = await Promise.all(
      records.map(async ({ s3 }) => {
        const place = { bucket: s3.bucket.name, key: decodeURIComponent(s3.object.key.replaceAll("+", " ")) };
        return { place, bytes: await this.#store.get(place, context.signal) };
      }),
    );
    const rows = context.state.pictures.map(({ bytes }) => ({ b64: Buffer.from(bytes).toString("base64") }));
    return this.#clothing.preprocess(request.withInstances(rows), context);
  }

  override async postprocess(response: InferResponse, context: RequestContext<State>): Promise<InferResponse> {
    const scored = this.#clothing.postprocess(response);
    const scores = scored.predictions as Readonly<Record<string, number>>[];
    await Promise.all(
      context.state.pictures.map(({ place, bytes }, index) => {
        const [label = ""] = Object.entries(scores[index] ?? {}).sort(([, a], [, b]) => b - a)[0] ?? [];
        return this.#store.put({ bucket: this.#results, key: `${label}/${place.key}` }, bytes, context.signal);
      }),
    );
    return scored;
  }
}

/** Settings come from the environment; the two keys from a Secret. */
export default ({ env }: TransformerFactoryOptions) =>
  new SortPictures(
    createS3Store({
      endpoint: env["S3_ENDPOINT"] ?? "http://minio:9000",
      accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "",
      region: env["AWS_REGION"],
    }),
    env["RESULTS_BUCKET"] ?? "results",
  );
