import { invalidArgument } from "../../errors.ts";
import { type ComponentExtensions, defined } from "../kserve-objects.ts";
import type { ScalingOptions } from "./inference-service-options.ts";
import type { ResolvedOptions } from "./resolve-options.ts";

/**
 * How many pods of the transformer's component there are and what stands before them: `spec.transformer`, or
 * `spec.predictor` when collocated.
 *
 * @throws InferenceError invalid_argument for what the mode would refuse or ignore
 */
export function createTransformerExtensions(options: ResolvedOptions): ComponentExtensions {
  const { layout, mode, transformer, timeoutSeconds } = options;
  const { batcher, logger, containerConcurrency } = transformer;
  if (batcher !== undefined && logger !== undefined && logger.mode !== "request") {
    throw invalidArgument(
      "KServe's batcher and logger together lose the answers' events: log requests only, or drop one",
    );
  }
  assertCount("container concurrency", containerConcurrency, 1);
  assertCount("batch size", batcher?.maxBatchSize, 1);
  assertCount("batch latency", batcher?.maxLatencyMs, 1);
  if (containerConcurrency !== undefined && mode === "Standard" && layout === "collocated") {
    throw invalidArgument("container concurrency has no effect on a collocated transformer in Standard mode");
  }
  return defined({
    ...createScaling("transformer", options, transformer.scaling),
    containerConcurrency,
    // Standard: read by the routes of Gateway API, which otherwise end a request after 60 s.
    timeout: timeoutSeconds,
    canaryTrafficPercent: canaryTraffic(options),
    batcher: batcher && defined({ maxBatchSize: batcher.maxBatchSize, maxLatency: batcher.maxLatencyMs }),
    logger: logger && { mode: logger.mode ?? "all", url: logger.url },
  });
}

/** The same for the predictor's own pods, where it has some. */
export function createPredictorExtensions(options: ResolvedOptions): ComponentExtensions {
  return defined({
    ...createScaling("predictor", options, options.predictor.scaling),
    timeout: options.mode === "Knative" ? options.timeoutSeconds : undefined,
    canaryTrafficPercent: canaryTraffic(options),
  });
}

/** Knative splits between the revisions of each component; a component that did not change has but one. */
function canaryTraffic({ mode, canary }: ResolvedOptions): number | undefined {
  return mode === "Knative" ? canary?.percent : undefined;
}

function createScaling(who: string, options: ResolvedOptions, scaling: ScalingOptions = {}): ComponentExtensions {
  const { minReplicas, maxReplicas, metric, target } = scaling;
  const { mode, autoscaler } = options;
  assertCount(`minimum of ${who} replicas`, minReplicas, mode === "Knative" ? 0 : 1);
  assertCount(`maximum of ${who} replicas`, maxReplicas, 1);
  assertCount(`scale target of the ${who}`, target, 1);
  if (minReplicas !== undefined && maxReplicas !== undefined && minReplicas > maxReplicas) {
    throw invalidArgument(`${who} replicas are ${minReplicas} to ${maxReplicas}; expected the smaller number first`);
  }
  if (autoscaler === "none" && (maxReplicas ?? metric ?? target) !== undefined) {
    throw invalidArgument(`autoscaler none keeps the minimum of ${who} replicas; leave maximum, metric and target out`);
  }
  const metrics = mode === "Knative" ? ["concurrency", "rps"] : ["cpu", "memory"];
  if (metric !== undefined && !metrics.includes(metric)) {
    throw invalidArgument(`scale metric of the ${who} is ${metric}; ${mode} mode knows ${metrics.join(" and ")}`);
  }
  if (mode === "Standard" && target !== undefined && target > 100) {
    throw invalidArgument(`scale target of the ${who} is ${target}; expected a percentage, 1 to 100`);
  }
  if (metric === "memory" && target === undefined) {
    throw invalidArgument(`scale metric memory of the ${who} needs a target, in percent of the memory request`);
  }
  return defined({ minReplicas, maxReplicas, scaleMetric: metric, scaleTarget: target });
}

function assertCount(what: string, value: number | undefined, minimum: number): void {
  if (value !== undefined && (!Number.isInteger(value) || value < minimum)) {
    throw invalidArgument(`${what} is ${value}; expected a whole number, at least ${minimum}`);
  }
}
