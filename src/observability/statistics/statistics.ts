import type { Exchange, ExchangeListener, StageName } from "../../inference/exchange-listener.ts";
import type { ComputeCounts, ModelCounts } from "./model-counts.ts";

/** A listener that counts for V2's statistics extension: additions, and nothing kept but the sums. */
export interface Statistics extends ExchangeListener {
  /** What this process counted; models that nobody asked are not in it. */
  counts(): readonly ModelCounts[];
  /** What all processes of the server counted together. */
  total(): Promise<readonly ModelCounts[]>;
}

class Sum {
  count = 0;
  milliseconds = 0;

  add(milliseconds: number): void {
    this.count += 1;
    this.milliseconds += milliseconds;
  }
}

class ComputeSums implements ComputeCounts {
  readonly computeInput = new Sum();
  readonly computeInfer = new Sum();
  readonly computeOutput = new Sum();

  add({ inputMs, inferMs, outputMs }: Running): void {
    this.computeInput.add(inputMs);
    this.computeInfer.add(inferMs);
    this.computeOutput.add(outputMs);
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

  succeed(running: Running, milliseconds: number): void {
    this.success.add(milliseconds);
    this.queue.add(running.queueMs);
    this.add(running);
    this.inferences += 1;
    this.executions += 1;
    entryOf(this.batches, 1, () => new ComputeSums()).add(running);
  }
}

/** A request that is being answered. */
class Running {
  queuedAt = 0;
  queueMs = 0;
  inputMs = 0;
  inferMs = 0;
  outputMs = 0;

  spend(stage: StageName, milliseconds: number): void {
    if (stage === "predict" || stage === "explain") this.inferMs += milliseconds;
    else if (stage === "preprocess") this.inputMs += milliseconds;
    else if (stage === "postprocess") this.outputMs += milliseconds;
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
  const underWay = new Map<Exchange, Running>();
  const counts = (): readonly ModelCounts[] =>
    [...models].map(([name, { batches, ...sums }]) => ({
      name,
      ...sums,
      batches: [...batches].map(([batchSize, batch]) => ({ batchSize, ...batch })),
    }));
  return {
    counts,
    total: async () => counts(),
    requestStarted: (exchange) => void underWay.set(exchange, new Running()),
    queueChanged: (exchange, change) => {
      const running = underWay.get(exchange);
      if (running === undefined) return;
      if (change === 1) running.queuedAt = performance.now();
      else running.queueMs += performance.now() - running.queuedAt;
    },
    // A hook that was left behind at the deadline ends after its request.
    stageEnded: (exchange, stage, milliseconds) => underWay.get(exchange)?.spend(stage, milliseconds),
    requestEnded: (exchange, { status, error, milliseconds }) => {
      const running = underWay.get(exchange);
      if (running === undefined) return;
      underWay.delete(exchange);
      const sums = entryOf(models, exchange.modelName, () => new ModelSums());
      sums.lastInference = Date.now();
      if (status < 400 && error === undefined) sums.succeed(running, milliseconds);
      else sums.fail.add(milliseconds);
    },
  };
}
