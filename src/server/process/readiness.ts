import type { Model } from "../../transformer/model.ts";
import type { ModelRegistry } from "../../transformer/model-registry.ts";

export interface ReadinessOptions {
  readonly registry: ModelRegistry;
  readonly enablePredictorHealthCheck: boolean;
  readonly predictorHealthTtlMs: number;
}

interface Health {
  readonly askedAt: number;
  readonly ready: Promise<boolean>;
}

/** A probe of Kubernetes waits a second by default; a hook that takes longer is not ready. */
const HOOK_TIMEOUT_MS = 5000;

/** Whether requests may come: models loaded, predictors healthy where that is asked for, not shutting down. */
export class Readiness {
  /** Set when the server ends: everything says not ready, requests are still answered. */
  draining = false;
  /** Set when a successor has taken over: readiness is the successor's, every response is its connection's last. */
  retiring = false;
  readonly #options: ReadinessOptions;
  readonly #health = new Map<Model, Health>();

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  async server(): Promise<boolean> {
    const ready = await Promise.all(this.#options.registry.models.map((model) => this.model(model)));
    return ready.every(Boolean);
  }

  async model(model: Model): Promise<boolean> {
    if (this.draining || !(await model.isReady(HOOK_TIMEOUT_MS))) return false;
    return this.#options.enablePredictorHealthCheck ? this.#predictor(model) : true;
  }

  /** Asks the predictor, at most once in the time to live, so that probes do not become its load. */
  #predictor(model: Model): Promise<boolean> {
    const now = performance.now();
    const known = this.#health.get(model);
    if (known !== undefined && now - known.askedAt < this.#options.predictorHealthTtlMs) return known.ready;
    const ready = model.client.ready({ signal: AbortSignal.timeout(5000), modelName: model.name }).catch(() => false);
    this.#health.set(model, { askedAt: now, ready });
    return ready;
  }
}
