/** How often something happened, and how long it took together. */
export interface DurationCount {
  readonly count: number;
  readonly milliseconds: number;
}

/** The three parts of an inference: `preprocess`, `predict` or `explain`, `postprocess`. */
export interface ComputeCounts {
  readonly computeInput: DurationCount;
  readonly computeInfer: DurationCount;
  readonly computeOutput: DurationCount;
}

/**
 * What V2's statistics extension tells of one model since its server started.
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md
 */
export interface ModelCounts extends ComputeCounts {
  readonly name: string;
  /** When the last request ended, milliseconds since the epoch; 0 before the first. */
  readonly lastInference: number;
  /** Requests that succeeded and were no hits of the cache; however many rows one has, it is one inference. */
  readonly inferences: number;
  /** Calls of the model for them: one where a batch was joined, none for those that waited for an equal request's. */
  readonly executions: number;
  readonly success: DurationCount;
  readonly fail: DurationCount;
  /** Waits of requests that succeeded: for a place (`max_concurrency`), and for others of their batch. */
  readonly queue: DurationCount;
  /** Look-ups in the cache of responses. */
  readonly cacheHit: DurationCount;
  readonly cacheMiss: DurationCount;
  /** One a batch size: the requests that one call was for. */
  readonly batches: readonly (ComputeCounts & { readonly batchSize: number })[];
}

const NONE: DurationCount = { count: 0, milliseconds: 0 };

/** Of a model that nobody has asked. */
export function noCounts(name: string): ModelCounts {
  return {
    name,
    lastInference: 0,
    inferences: 0,
    executions: 0,
    success: NONE,
    fail: NONE,
    queue: NONE,
    computeInput: NONE,
    computeInfer: NONE,
    computeOutput: NONE,
    cacheHit: NONE,
    cacheMiss: NONE,
    batches: [],
  };
}

function add(a: DurationCount, b: DurationCount): DurationCount {
  return { count: a.count + b.count, milliseconds: a.milliseconds + b.milliseconds };
}

function addCompute(a: ComputeCounts, b: ComputeCounts): ComputeCounts {
  return {
    computeInput: add(a.computeInput, b.computeInput),
    computeInfer: add(a.computeInfer, b.computeInfer),
    computeOutput: add(a.computeOutput, b.computeOutput),
  };
}

function addBatches(a: ModelCounts["batches"], b: ModelCounts["batches"]): ModelCounts["batches"] {
  const sums = new Map(a.map((batch) => [batch.batchSize, batch]));
  for (const batch of b) {
    const { batchSize } = batch;
    const sum = sums.get(batchSize);
    sums.set(batchSize, sum === undefined ? batch : { batchSize, ...addCompute(sum, batch) });
  }
  return [...sums.values()].sort((one, other) => one.batchSize - other.batchSize);
}

/** The counts of several processes as if they were one, by model. */
export function sumCounts(counts: readonly ModelCounts[]): readonly ModelCounts[] {
  const sums = new Map<string, ModelCounts>();
  for (const b of counts) {
    const a = sums.get(b.name) ?? noCounts(b.name);
    sums.set(b.name, {
      name: b.name,
      lastInference: Math.max(a.lastInference, b.lastInference),
      inferences: a.inferences + b.inferences,
      executions: a.executions + b.executions,
      success: add(a.success, b.success),
      fail: add(a.fail, b.fail),
      queue: add(a.queue, b.queue),
      ...addCompute(a, b),
      cacheHit: add(a.cacheHit, b.cacheHit),
      cacheMiss: add(a.cacheMiss, b.cacheMiss),
      batches: addBatches(a.batches, b.batches),
    });
  }
  return [...sums.values()];
}
