import type { Exchange, ExchangeListener } from "../../inference/exchange-listener.ts";
import type { Batch } from "../../inference/inference-client.ts";
import type { ComputeCounts, ModelCounts } from "./model-counts.ts";
import { RunningRequest } from "./running-request.ts";

/** A listener that counts for V2's statistics extension: additions, and nothing kept but the sums. */
export interface Statistics extends ExchangeListener {
  /** What this process counted; models that nobody asked are not in it. */
  counts(): readonly ModelCounts[];
  /** What all processes of the server counted together. */
  total(): Promise<readonly ModelCounts[]>;
}

/**
 * Where a request's own sums stand: on the exchange. A map of exchanges, whose tables grow old while their requests are young,
 * has the garbage collector keep every request with its bodies for long; it took a third more CPU of the pass-through.
 */
const RUNNING = Symbol("running");

type Watched = Exchange & { [RUNNING]?: RunningRequest };

class Sum {
  count = 0;
  milliseconds = 0;

  add(milliseconds: number, count = 1): void {
    this.count += count;
    this.milliseconds += milliseconds;
  }
}

class ComputeSums implements ComputeCounts {
  readonly computeInput = new Sum();
  readonly computeInfer = new Sum();
  readonly computeOutput = new Sum();

  add({ inputMs, inferMs, outputMs }: RunningRequest): void {
    this.computeInput.add(inputMs);
    this.computeInfer.add(inferMs);
    this.computeOutput.add(outputMs);
  }

  /** Another request of a call that is counted: the call is one, its hooks' time grows. */
  join({ inputMs, outputMs }: RunningRequest): void {
    this.computeInput.add(inputMs, 0);
    this.computeOutput.add(outputMs, 0);
  }
}

class ModelSums extends ComputeSums {
  lastInference = 0;
  inferences = 0;
  executions = 0;
  readonly success = new Sum();
  readonly fail = new Sum();
  readonly queue = new Sum();
  readonly cacheHit = new Sum();
  readonly cacheMiss = new Sum();
  readonly batches = new Map<number, ComputeSums>();

  succeed(running: RunningRequest, milliseconds: number, isCounted: (batch: Batch) => boolean): void {
    this.success.add(milliseconds);
    this.queue.add(running.queueMs);
    const { hits, misses, coalesced, batch } = running;
    this.cacheHit.add(running.hitMs, hits);
    this.cacheMiss.add(running.missMs, misses);
    const isShared = misses === 0 && hits + coalesced > 0;
    if (isShared && coalesced === 0) return;
    this.inferences += 1;
    this.add(running);
    if (isShared) return;
    const sums = entryOf(this.batches, batch?.requests ?? 1, () => new ComputeSums());
    if (batch !== undefined && isCounted(batch)) {
      sums.join(running);
      return;
    }
    this.executions += 1;
    sums.add(running);
  }
}

/** What the map has under the key, made when it is first asked for. */
function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** Statistics of one server; nothing is kept outside the returned object. */
export function createStatistics(): Statistics {
  const models = new Map<string, ModelSums>();
  const batches = new WeakSet<Batch>();
  const isCounted = (batch: Batch): boolean => {
    const counted = batches.has(batch);
    batches.add(batch);
    return counted;
  };
  const counts = (): readonly ModelCounts[] =>
    [...models].map(([name, { batches, ...sums }]) => ({
      name,
      ...sums,
      batches: [...batches].map(([batchSize, batch]) => ({ batchSize, ...batch })),
    }));
  return {
    counts,
    total: async () => counts(),
    requestStarted: (exchange: Watched) => {
      exchange[RUNNING] = new RunningRequest();
    },
    queueChanged: (exchange: Watched, change) => exchange[RUNNING]?.queue(change),
    stageEnded: (exchange: Watched, stage, milliseconds) => exchange[RUNNING]?.spend(stage, milliseconds),
    batchJoined: (exchange: Watched, batch, waitedMs) => exchange[RUNNING]?.join(batch, waitedMs),
    cacheLookedUp: (exchange: Watched, outcome, milliseconds) => exchange[RUNNING]?.lookUp(outcome, milliseconds),
    requestEnded: (exchange: Watched, { status, error, milliseconds }) => {
      const { [RUNNING]: running } = exchange;
      if (running === undefined) return;
      const sums = entryOf(models, exchange.modelName, () => new ModelSums());
      sums.lastInference = Date.now();
      if (status < 400 && error === undefined) sums.succeed(running, milliseconds, isCounted);
      else sums.fail.add(milliseconds);
    },
  };
}
