import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { invalidArgument } from "../../errors.ts";
import { prepareContent } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import type { CacheOutcome, InferOptions } from "../../inference/inference-client.ts";
import { aroundPredictor } from "../around-predictor.ts";
import type { Predictor } from "../predictor.ts";
import { headersForAll, SharedCall, sharedHeaders } from "../shared-call.ts";
import { KeptResponse } from "./kept-response.ts";

export interface CachingOptions {
  /** Bytes of memory for responses that are kept, with their keys; 0 keeps none. */
  readonly cacheBytes: number;
  /** How long a response is kept, seconds, to the millisecond. */
  readonly cacheTtlSeconds: number;
  /** Equal requests that are under way share one call. */
  readonly coalesce: boolean;
  /** Requests with other credentials share responses as well: right only where the model does not look at them. @default false */
  readonly acrossCredentials?: boolean | undefined;
  readonly onLookUp?: ((outcome: CacheOutcome) => void) | undefined;
}

interface UnderWay {
  readonly shared: SharedCall;
  readonly response: Promise<KeptResponse>;
}

/**
 * A predictor around a predictor that keeps responses, by model, version, digest of the content, requested outputs and the
 * headers that the predictor gets (credentials among them). Only responses are kept, never errors; explain is not cached.
 * @throws InferenceError invalid_argument for a size below 0 and for a time that is no number of milliseconds.
 */
export function createCachingPredictor(predictor: Predictor, options: CachingOptions): Predictor {
  const { cacheBytes, cacheTtlSeconds, coalesce, acrossCredentials = false, onLookUp } = options;
  if (!Number.isSafeInteger(cacheBytes) || cacheBytes < 0) {
    throw invalidArgument(`cacheBytes: expected a whole number of at least 0, got ${cacheBytes}`);
  }
  const ttlMs = Math.round(cacheTtlSeconds * 1000);
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1) {
    throw invalidArgument(`cacheTtlSeconds: expected a number of at least 0.001, got ${cacheTtlSeconds}`);
  }
  const kept =
    cacheBytes === 0
      ? undefined
      : new LRUCache<string, KeptResponse>({ maxSize: cacheBytes, sizeCalculation: ({ size }) => size, ttl: ttlMs });
  const underWay = new Map<string, UnderWay>();

  // All of it is awaited by those who asked: a response that cannot be read is their error, and is not kept.
  const call = async (key: string, request: InferRequest, options: InferOptions): Promise<KeptResponse> => {
    const response = await predictor.infer(request, options);
    await prepareContent(response, options.signal);
    const made = new KeptResponse(response);
    kept?.set(key, made);
    return made;
  };

  const ask = (key: string, request: InferRequest, own: InferOptions): UnderWay => {
    const shared = new SharedCall();
    const headers = coalesce ? headersForAll(own.headers) : own.headers;
    const asked = {
      shared,
      response: call(key, request, { ...own, signal: shared.signal, ...(headers && { headers }) }),
    };
    if (coalesce) underWay.set(key, asked);
    const forget = (): void => {
      if (underWay.get(key) === asked) underWay.delete(key);
    };
    // A call that all have left must not be joined any more.
    shared.signal.addEventListener("abort", forget, { once: true });
    asked.response.then(forget, forget);
    return asked;
  };

  const infer = async (request: InferRequest, own: InferOptions = {}): Promise<InferResponse> => {
    if (own.verb === "explain") return predictor.infer(request, own);
    const started = performance.now();
    // What needs no reading is looked up at once, so that an equal request finds it under way.
    const reading = request.source?.wire === "v1" ? undefined : prepareContent(request, own.signal);
    if (reading !== undefined) await reading;
    const key = keyOf(request, own, acrossCredentials);
    const found = kept?.get(key);
    const joined = coalesce && found === undefined ? underWay.get(key) : undefined;
    const outcome = found !== undefined ? "hit" : joined !== undefined ? "coalesced" : "miss";
    onLookUp?.(outcome);
    own.listener?.cacheLookedUp(outcome, performance.now() - started);
    if (found !== undefined) return found.give();
    const { shared, response } = joined ?? ask(key, request, own);
    return (await shared.follow(response, own.signal)).give();
  };

  const close = async (): Promise<void> => {
    kept?.clear();
    await predictor.close();
  };
  return aroundPredictor(predictor, { infer, close, cachesResponses: kept !== undefined });
}

/**
 * SHA-256 of all that may decide the response. A V1 body that is handed on as it came counts byte by byte: 1 and 1.0 are two
 * numbers to a predictor. Other forms carry the request's id, so that their content counts.
 */
function keyOf(request: InferRequest, own: InferOptions, acrossCredentials: boolean): string {
  const { source, modelName, modelVersion } = request;
  const hash = createHash("sha256");
  const requested = own.forwardRequestedOutputs === true;
  hash.update(JSON.stringify([requested, acrossCredentials ? "" : sharedHeaders(own.headers)]));
  if (source?.wire !== "v1") return hash.update(request.digest()).digest("base64");
  const { "content-type": type, "content-encoding": encoding } = source.message.headers;
  hash.update(JSON.stringify([modelName, modelVersion, type, encoding]));
  for (const chunk of source.message.body) hash.update(chunk);
  return hash.digest("base64");
}
