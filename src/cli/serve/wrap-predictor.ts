import type { Metrics } from "../../observability/metrics.ts";
import type { Predictor } from "../../predictor/predictor.ts";
import type { ServeFlags } from "./predictor-choice.ts";

/** The predictor inside what the flags ask for: breaker, batches, cache, each loaded when it is used. */
export async function wrapPredictor(predictor: Predictor, flags: ServeFlags, metrics: Metrics): Promise<Predictor> {
  let wrapped = predictor;
  const { predictor_breaker_failures: failures, predictor_breaker_seconds: seconds } = flags;
  if (failures > 0) {
    const { createBreakingPredictor } = await import("../../predictor/breaking-predictor.ts");
    wrapped = createBreakingPredictor(wrapped, { failures, openMs: seconds * 1000 });
  }
  if (flags.max_batch_size > 1) {
    const { createBatchingPredictor } = await import("../../predictor/batching/batching-predictor.ts");
    wrapped = createBatchingPredictor(wrapped, {
      maxBatchSize: flags.max_batch_size,
      maxBatchDelayMs: flags.max_batch_delay_ms,
      onBatch: metrics.batched,
    });
  }
  if (flags.cache_bytes > 0 || flags.coalesce) {
    const { createCachingPredictor } = await import("../../predictor/caching/caching-predictor.ts");
    wrapped = createCachingPredictor(wrapped, {
      cacheBytes: flags.cache_bytes,
      cacheTtlSeconds: flags.cache_ttl_seconds,
      coalesce: flags.coalesce,
      acrossCredentials: flags.cache_across_credentials,
      onLookUp: metrics.lookedUp,
    });
  }
  return wrapped;
}
