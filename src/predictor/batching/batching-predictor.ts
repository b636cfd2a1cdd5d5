import { invalidArgument } from "../../errors.ts";
import { prepareContent } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import type { InferOptions } from "../../inference/inference-client.ts";
import { aroundPredictor } from "../around-predictor.ts";
import type { Predictor } from "../predictor.ts";
import { type BatchingOptions, BatchQueue } from "./batch-queue.ts";
import { describeJoinable } from "./join-requests.ts";

/** The largest delay of a timer. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * A predictor around a predictor: concurrent requests of one form (datatypes and trailing shapes, or rows of equal structure)
 * become one call, and each gets its own rows back; the rows of V1 bodies stay as they were written. Requests with other
 * headers for the predictor (credentials) or other parameters never share a call.
 *
 * While no call is under way a request goes at once; else a batch goes when it is full, when its first request has waited
 * `maxBatchDelayMs`, or when the call before it ends. A batch that the predictor refuses is asked again one by one, so that a
 * bad request fails alone.
 * @throws InferenceError invalid_argument for a size below 1, and for a delay below 0 or longer than a timer's.
 */
export function createBatchingPredictor(predictor: Predictor, options: BatchingOptions): Predictor {
  const { maxBatchSize, maxBatchDelayMs } = options;
  if (!Number.isSafeInteger(maxBatchSize) || maxBatchSize < 1) {
    throw invalidArgument(`maxBatchSize: expected a whole number of at least 1, got ${maxBatchSize}`);
  }
  if (!(maxBatchDelayMs >= 0 && maxBatchDelayMs <= MAX_DELAY_MS)) {
    throw invalidArgument(`maxBatchDelayMs: expected 0 to ${MAX_DELAY_MS}, got ${maxBatchDelayMs}`);
  }
  const queues = new Map<string, BatchQueue>();
  const infer = async (request: InferRequest, own: InferOptions = {}): Promise<InferResponse> => {
    // What needs no reading joins at once.
    const reading = prepareContent(request, own.signal);
    if (reading !== undefined) await reading;
    const joinable = describeJoinable(request, own);
    if (joinable === undefined || joinable.rows > maxBatchSize) return predictor.infer(request, own);
    const { key } = joinable;
    let queue = queues.get(key);
    if (queue === undefined) {
      queue = new BatchQueue(predictor, options, () => queues.delete(key));
      queues.set(key, queue);
    }
    return queue.add(joinable, own);
  };
  const close = async (): Promise<void> => {
    for (const queue of queues.values()) queue.flush();
    await predictor.close();
  };
  return aroundPredictor(predictor, { infer, close });
}
