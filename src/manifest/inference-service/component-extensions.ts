import { type ComponentExtensions, defined } from "../kserve-objects.ts";
import type { ScalingOptions } from "./inference-service-options.ts";
import type { ResolvedOptions } from "./resolve-options.ts";

/**
 * How many pods of the transformer's component there are and what stands before them: `spec.transformer`, or
 * `spec.predictor` when collocated.
 */
export function createTransformerExtensions(options: ResolvedOptions): ComponentExtensions {
  const { batcher, logger, containerConcurrency, scaling } = options.transformer;
  return defined({
    ...createScaling(scaling),
    containerConcurrency,
    // Standard: read by the routes of Gateway API, which otherwise end a request after 60 s.
    timeout: options.timeoutSeconds,
    canaryTrafficPercent: canaryTraffic(options),
    batcher: batcher && defined({ maxBatchSize: batcher.maxBatchSize, maxLatency: batcher.maxLatencyMs }),
    logger: logger && { mode: logger.mode ?? "all", url: logger.url },
  });
}

/** The same for the predictor's own pods, where it has some. */
export function createPredictorExtensions(options: ResolvedOptions): ComponentExtensions {
  return defined({
    ...createScaling(options.predictor.scaling),
    timeout: options.mode === "Knative" ? options.timeoutSeconds : undefined,
    canaryTrafficPercent: canaryTraffic(options),
  });
}

/** Knative splits between the revisions of each component; a component that did not change has but one. */
function canaryTraffic({ mode, canary }: ResolvedOptions): number | undefined {
  return mode === "Knative" ? canary?.percent : undefined;
}

function createScaling(scaling: ScalingOptions = {}): ComponentExtensions {
  const { minReplicas, maxReplicas, metric, target } = scaling;
  return defined({ minReplicas, maxReplicas, scaleMetric: metric, scaleTarget: target });
}
