import { InferenceError } from "../../errors.ts";
import { prepareContent } from "../../inference/content.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import type { Batch, InferOptions } from "../../inference/inference-client.ts";
import { cancellation } from "../../policy/deadline.ts";
import type { Predictor } from "../predictor.ts";
import { PredictorFailure } from "../predictor-failure.ts";
import { headersForAll, SharedCall } from "../shared-call.ts";
import { type Joinable, joinRequests } from "./join-requests.ts";
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
  readonly joinable: Joinable;
  readonly options: InferOptions;
  readonly since: number;
  readonly resolve: (response: InferResponse) => void;
  readonly reject: (error: unknown) => void;
  readonly onAbort: () => void;
}

/** Requests that may share calls; it is forgotten when it is empty and idle. */
export class BatchQueue {
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

  /** The response to one request, once a call with it has come back. @throws InferenceError as the predictor, or cancelled. */
  add(joinable: Joinable, options: InferOptions): Promise<InferResponse> {
    const { maxBatchSize, maxBatchDelayMs } = this.#options;
    const { rows } = joinable;
    if (this.#rows + rows > maxBatchSize) this.flush();
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const item: Item = {
        joinable,
        options,
        since: performance.now(),
        resolve,
        reject,
        onAbort: () => this.#leave(item),
      };
      if (this.#waiting.length === 0) {
        this.#timer = setTimeout(() => this.flush(), this.#underWay === 0 ? 0 : maxBatchDelayMs);
      }
      this.#waiting.push(item);
      this.#rows += rows;
      signal?.addEventListener("abort", item.onAbort, { once: true });
      if (signal?.aborted) this.#leave(item);
      else if (this.#rows === maxBatchSize) this.flush();
    });
  }

  /** Sends what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    const items = this.#waiting;
    this.#waiting = [];
    this.#rows = 0;
    if (items.length === 0) {
      this.#settle();
      return;
    }
    for (const { options, onAbort } of items) options.signal?.removeEventListener("abort", onAbort);
    this.#underWay += 1;
    void this.#ask(items).then(() => {
      this.#underWay -= 1;
      if (this.#underWay === 0 && this.#waiting.length > 0) this.flush();
      else this.#settle();
    });
  }

  /** A client that leaves before its batch does. */
  #leave(item: Item): void {
    this.#waiting = this.#waiting.filter((other) => other !== item);
    this.#rows -= item.joinable.rows;
    item.reject(cancellation(item.options.signal));
    if (this.#waiting.length === 0) this.flush();
  }

  #settle(): void {
    if (this.#underWay === 0 && this.#waiting.length === 0) this.#forget();
  }

  /** Never rejects: each of the items gets its response or an error, whatever fails. */
  async #ask(items: readonly Item[]): Promise<void> {
    try {
      const left = performance.now();
      this.#options.onBatch?.(rowsOf(items), left - (items[0]?.since ?? left));
      const batch: Batch = { requests: items.length };
      for (const { options, since } of items) options.listener?.batchJoined(batch, left - since);
      await (items.length === 1 ? this.#askAlone(items) : this.#askTogether(items));
    } catch (error) {
      for (const { reject } of items) reject(error);
    }
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
    const [first] = items;
    const request = joinRequests(items.map(({ joinable }) => joinable));
    const response = await this.#predictor.infer(request, {
      ...first?.options,
      signal,
      headers: headersForAll(first?.options.headers),
      observe: (message) => {
        for (const { options } of items) options.observe?.(message);
      },
    });
    await prepareContent(response, signal);
    return splitResponse(
      response,
      items.map(({ joinable }) => joinable.rows),
    );
  }

  async #askAlone(items: readonly Item[]): Promise<void> {
    await Promise.all(
      items.map(async ({ joinable, options, resolve, reject }) => {
        try {
          resolve(await this.#predictor.infer(joinable.request, options));
        } catch (error) {
          reject(error);
        }
      }),
    );
  }
}

function rowsOf(items: readonly Item[]): number {
  return items.reduce((sum, { joinable }) => sum + joinable.rows, 0);
}

/**
 * True for what one request may have brought upon all, a call that the predictor broke off among it; one that is away or busy
 * would be so for each of them, too.
 */
function isOneItemsFault(error: unknown): boolean {
  const { code, cause } = InferenceError.from(error);
  if (cause instanceof PredictorFailure && cause.kind === "reset") return true;
  return !["unavailable", "deadline_exceeded", "resource_exhausted", "cancelled", "unauthenticated"].includes(code);
}
