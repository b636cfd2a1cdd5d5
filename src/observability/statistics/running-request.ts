import type { StageName } from "../../inference/exchange-listener.ts";
import type { Batch, CacheOutcome } from "../../inference/inference-client.ts";

/** A request that is being answered, and where its time went. */
export class RunningRequest {
  queueMs = 0;
  inputMs = 0;
  outputMs = 0;
  batch: Batch | undefined;
  hits = 0;
  hitMs = 0;
  misses = 0;
  missMs = 0;
  coalesced = 0;
  #queuedAt = 0;
  #stageMs = 0;
  /** What is part of the stage and no inference. */
  #aroundMs = 0;

  get inferMs(): number {
    return Math.max(0, this.#stageMs - this.#aroundMs);
  }

  /** Begins (1) or ends (-1) to wait for its place. */
  queue(change: 1 | -1): void {
    if (change === 1) this.#queuedAt = performance.now();
    else this.queueMs += performance.now() - this.#queuedAt;
  }

  spend(stage: StageName, milliseconds: number): void {
    if (stage === "predict" || stage === "explain") this.#stageMs += milliseconds;
    else if (stage === "preprocess") this.inputMs += milliseconds;
    else if (stage === "postprocess") this.outputMs += milliseconds;
  }

  join(batch: Batch, waitedMs: number): void {
    this.batch = batch;
    this.queueMs += waitedMs;
    this.#aroundMs += waitedMs;
  }

  lookUp(outcome: CacheOutcome, milliseconds: number): void {
    this.#aroundMs += milliseconds;
    if (outcome === "coalesced") this.coalesced += 1;
    else if (outcome === "hit") {
      this.hits += 1;
      this.hitMs += milliseconds;
    } else {
      this.misses += 1;
      this.missMs += milliseconds;
    }
  }
}
