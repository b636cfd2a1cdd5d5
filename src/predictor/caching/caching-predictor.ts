import { LRUCache } from "lru-cache";
import { invalidArgument } from "../../errors.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import type { CacheOutcome, InferOptions } from "../../inference/inference-client.ts";
import { formatJson } from "../../json/format-json.ts";
import { byteSize } from "../../tensor/tensor.ts";
import { aroundPredictor } from "../around-predictor.ts";
import type { Predictor } from "../predictor.ts";
import { SharedCall, sharedHeaders } from "../shared-call.ts";

export interface CachingOptions {
  /** Bytes of responses that are kept; 0 keeps none. */
  readonly cacheBytes: number;
  /** How long a response is kept, seconds. */
  readonly cacheTtlSeconds: number;
  /** Equal requests that are under way share one call. */
  readonly coalesce: boolean;
  /** Requests with other credentials share responses as well: right only where the model does not look at them. @default false */
  readonly acrossCredentials?: boolean | undefined;
  readonly onLookUp?: ((outcome: CacheOutcome) => void) | undefined;
}

interface UnderWay {
  readonly shared: SharedCall;
  readonly response: Promise<InferResponse>;
}

/**
 * A predictor around a predictor that keeps responses, by model, version, digest of the content, requested outputs and the
 * headers that the predictor gets (credentials among them). Only responses are kept, never errors; explain is not cached.
 * @throws InferenceError invalid_argument for a size or time below 0.
 */
export function createCachingPredictor(predictor: Predictor, options: CachingOptions): Predictor {
  const { cacheBytes, cacheTtlSeconds, coalesce, acrossCredentials = false, onLookUp } = options;
  if (!Number.isSafeInteger(cacheBytes) || cacheBytes < 0) {
    throw invalidArgument(`cacheBytes: expected a whole number of at least 0, got ${cacheBytes}`);
  }
  if (!(cacheTtlSeconds > 0)) throw invalidArgument(`cacheTtlSeconds: expected more than 0, got ${cacheTtlSeconds}`);
  const kept =
    cacheBytes === 0
      ? undefined
      : new LRUCache<string, InferResponse>({
          maxSize: cacheBytes,
          sizeCalculation: sizeOf,
          ttl: cacheTtlSeconds * 1000,
        });
  const underWay = new Map<string, UnderWay>();

  const ask = (key: string, request: InferRequest, own: InferOptions): UnderWay => {
    const shared = new SharedCall();
    const response = predictor.infer(request, { ...own, signal: shared.signal }).then(detach);
    const call = { shared, response };
    if (coalesce) underWay.set(key, call);
    const forget = (): void => {
      if (underWay.get(key) === call) underWay.delete(key);
    };
    // A call that all have left must not be joined any more.
    shared.signal.addEventListener("abort", forget, { once: true });
    response.then((made) => {
      forget();
      kept?.set(key, made);
    }, forget);
    return call;
  };

  const infer = (request: InferRequest, own: InferOptions = {}): Promise<InferResponse> => {
    if (own.verb === "explain") return predictor.infer(request, own);
    const started = performance.now();
    const requested = own.forwardRequestedOutputs === true ? "requested" : "all";
    const credentials = acrossCredentials ? "" : sharedHeaders(own.headers);
    const key = `${request.digest()} ${requested} ${credentials}`;
    const found = kept?.get(key);
    const joined = coalesce && found === undefined ? underWay.get(key) : undefined;
    const outcome = found !== undefined ? "hit" : joined !== undefined ? "coalesced" : "miss";
    onLookUp?.(outcome);
    own.listener?.cacheLookedUp(outcome, performance.now() - started);
    if (found !== undefined) return Promise.resolve(found);
    const { shared, response } = joined ?? ask(key, request, own);
    return shared.follow(response, own.signal);
  };

  const close = async (): Promise<void> => {
    kept?.clear();
    await predictor.close();
  };
  return aroundPredictor(predictor, { infer, close, cachesResponses: kept !== undefined });
}

/** Without the bytes as they came, which carry the id of the request that brought them. */
function detach(response: InferResponse): InferResponse {
  const { id: _, ...content } = response.content;
  return new InferResponse({ modelName: response.modelName, modelVersion: response.modelVersion, content });
}

/** Bytes of a response: those of its tensors, or of its rows as JSON. */
function sizeOf({ values, members }: InferResponse): number {
  const own =
    values.native === "tensors"
      ? values.tensors().reduce((sum, tensor) => sum + byteSize(tensor), 0)
      : formatJson(values.rows() as Parameters<typeof formatJson>[0]).length;
  return Math.max(1, own + formatJson(members).length);
}
