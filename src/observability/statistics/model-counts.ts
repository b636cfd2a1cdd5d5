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
  /** Requests that succeeded; however many rows one has, it is one inference. */
  readonly inferences: number;
  /** Calls of the model that succeeded. */
  readonly executions: number;
  readonly success: DurationCount;
  readonly fail: DurationCount;
  /** Waits for a place (`max_concurrency`) of requests that succeeded. */
  readonly queue: DurationCount;
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
