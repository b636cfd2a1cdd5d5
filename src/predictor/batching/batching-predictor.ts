import { InferenceError, invalidArgument } from "../../errors.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import type { Batch, InferOptions } from "../../inference/inference-client.ts";
import { aroundPredictor } from "../around-predictor.ts";
import type { Predictor } from "../predictor.ts";
import { SharedCall } from "../shared-call.ts";
import { describeJoinable, joinRequests } from "./join-requests.ts";
import { splitResponse } from "./split-response.ts";

export interface BatchingOptions {
  /** Rows of one call at the most. A request with more goes alone. */
  readonly maxBatchSize: number;
  /** How long the first request of a batch waits for others at the most, milliseconds. */
  readonly maxBatchDelayMs: number;
  /** Told of each call: rows in it, and how long its first request waited. */
  readonly onBatch?: ((rows: number, waitedMs: number) => void) | undefined;
}

/** A request that waits for its batch. */
interface Item {
  readonly request: InferRequest;
  readonly options: InferOptions;
  readonly rows: number;
  readonly since: number;
  readonly resolve: (response: InferResponse) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A predictor around a predictor: concurrent requests of equal datatypes and trailing shapes become one call, and each gets
 * its own rows back. Requests with other headers for the predictor (credentials) or other parameters never share a call.
 *
 * While no call is under way a request goes at once; else a batch goes when it is full, when its first request has waited
 * `maxBatchDelayMs`, or when the call before it ends. A batch that the predictor refuses is asked again one by one, so that a
 * bad request fails alone.
 * @throws InferenceError invalid_argument for a size below 1 or a delay below 0.
 */
export function createBatchingPredictor(predictor: Predictor, options: BatchingOptions): Predictor {
  const { maxBatchSize, maxBatchDelayMs } = options;
  if (!Number.isInteger(maxBatchSize) || maxBatchSize < 1) {
    throw invalidArgument(`maxBatchSize: expected a whole number of at least 1, got ${maxBatchSize}`);
  }
  if (!(maxBatchDelayMs >= 0)) throw invalidArgument(`maxBatchDelayMs: expected 0 or more, got ${maxBatchDelayMs}`);
  const queues = new Map<string, Queue>();
  const infer = (request: InferRequest, own: InferOptions = {}): Promise<InferResponse> => {
    const joinable = describeJoinable(request, own);
    if (joinable === undefined || joinable.rows > maxBatchSize) return predictor.infer(request, own);
    let queue = queues.get(joinable.key);
    if (queue === undefined) {
      const key = joinable.key;
      queue = new Queue(predictor, options, () => queues.delete(key));
      queues.set(key, queue);
    }
    return queue.add(request, own, joinable.rows);
  };
  return aroundPredictor(predictor, { infer });
}

/** Requests that may share calls; it is forgotten when it is empty and idle. */
class Queue {
  readonly #predictor: Predictor;
  readonly #options: BatchingOptions;
  readonly #forget: () => void;
  #waiting: Item[] = [];
  #rows = 0;
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(predictor: Predictor, options: BatchingOptions, forget: () => void) {
    this.#predictor = predictor;
    this.#options = options;
    this.#forget = forget;
  }

  add(request: InferRequest, options: InferOptions, rows: number): Promise<InferResponse> {
    if (this.#rows + rows > this.#options.maxBatchSize) this.#flush();
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) {
        const delayMs = this.#underWay === 0 ? 0 : this.#options.maxBatchDelayMs;
        this.#timer = setTimeout(() => this.#flush(), delayMs);
      }
      this.#waiting.push({ request, options, rows, since: performance.now(), resolve, reject });
      this.#rows += rows;
      if (this.#rows === this.#options.maxBatchSize) this.#flush();
    });
  }

  #flush(): void {
    clearTimeout(this.#timer);
    const items = this.#waiting.filter(({ options, reject }) => {
      if (options.signal?.aborted !== true) return true;
      reject(options.signal.reason);
      return false;
    });
    this.#waiting = [];
    this.#rows = 0;
    if (items.length === 0) {
      this.#settle();
      return;
    }
    this.#underWay += 1;
    const left = performance.now();
    this.#options.onBatch?.(
      items.reduce((sum, { rows }) => sum + rows, 0),
      left - (items[0] as Item).since,
    );
    const batch: Batch = { requests: items.length };
    for (const { options, since } of items) options.listener?.batchJoined(batch, left - since);
    const done = items.length === 1 ? this.#askAlone(items) : this.#askTogether(items);
    void done.finally(() => {
      this.#underWay -= 1;
      if (this.#underWay === 0 && this.#waiting.length > 0) this.#flush();
      else this.#settle();
    });
  }

  #settle(): void {
    if (this.#underWay === 0 && this.#waiting.length === 0) this.#forget();
  }

  async #askTogether(items: readonly Item[]): Promise<void> {
    const shared = new SharedCall();
    const responses = this.#call(items, shared.signal);
    const followed = items.map(async ({ options, resolve }, index) => {
      const all = await shared.follow(responses, options.signal);
      resolve(all[index] as InferResponse);
    });
    const outcomes = await Promise.allSettled(followed);
    const again: Item[] = [];
    for (const [index, outcome] of outcomes.entries()) {
      const item = items[index] as Item;
      if (outcome.status === "fulfilled") continue;
      if (item.options.signal?.aborted !== true && isOneItemsFault(outcome.reason)) again.push(item);
      else item.reject(outcome.reason);
    }
    for (const { options } of again) options.listener?.batchJoined({ requests: 1 }, 0);
    await this.#askAlone(again);
  }

  async #call(items: readonly Item[], signal: AbortSignal): Promise<readonly InferResponse[]> {
    const { options } = items[0] as Item;
    const request = joinRequests(items.map((item) => item.request));
    const response = await this.#predictor.infer(request, { ...options, signal });
    return splitResponse(
      response,
      items.map(({ rows }) => rows),
    );
  }

  async #askAlone(items: readonly Item[]): Promise<void> {
    await Promise.all(
      items.map(({ request, options, resolve, reject }) =>
        this.#predictor.infer(request, options).then(resolve, reject),
      ),
    );
  }
}

/** True for what one request may have brought upon all; a predictor that is away or busy would be so for each of them, too. */
function isOneItemsFault(error: unknown): boolean {
  const { code } = InferenceError.from(error);
  return !["unavailable", "deadline_exceeded", "resource_exhausted", "cancelled", "unauthenticated"].includes(code);
}
