import { type InferRequest, type InferResponse, type RequestContext, Transformer } from "kserve-transformer";

/** What `createClient()` of the package redis has. */
export interface Cache {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, options: { EX: number }): Promise<unknown>;
}

/** Equal requests get the kept response for a minute, from any pod. */
export class RedisCache extends Transformer {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    super();
    this.#cache = cache;
  }

  override async predict(request: InferRequest, context: RequestContext): Promise<InferResponse> {
    const key = request.digest();
    const kept = await this.#cache.get(key);
    if (kept !== null) return request.reply({ predictions: JSON.parse(kept) });
    const response = await context.predictor.infer(request);
    await this.#cache.set(key, JSON.stringify(response.predictions), { EX: 60 });
    return response;
  }
}
