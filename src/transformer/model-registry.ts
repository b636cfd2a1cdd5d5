import { InferenceError } from "../errors.ts";
import type { GuardedFetch, Logger } from "../inference/request-context.ts";
import { nearestName } from "../nearest-name.ts";
import type { Predictor } from "../predictor/predictor.ts";
import { Model, type TransformerSource } from "./model.ts";

/** A transformer and what stands behind it. */
export interface ModelOptions {
  readonly transformer: TransformerSource;
  readonly predictor?: Predictor | undefined;
}

/** The models of one process, by name. */
export class ModelRegistry {
  readonly #models = new Map<string, Model>();

  constructor(
    models: Readonly<Record<string, ModelOptions>>,
    environment: { readonly log: Logger; readonly fetch: GuardedFetch },
  ) {
    for (const [name, options] of Object.entries(models)) {
      this.#models.set(name, new Model(name, options.transformer, options.predictor, environment));
    }
  }

  get models(): readonly Model[] {
    return [...this.#models.values()];
  }

  get names(): readonly string[] {
    return [...this.#models.keys()];
  }

  get(name: string): Model | undefined {
    return this.#models.get(name);
  }

  /** @throws InferenceError not_found, which suggests a name that is near unless `suggests` is false. */
  find(name: string, { suggests = true }: { readonly suggests?: boolean } = {}): Model {
    const model = this.get(name);
    if (model !== undefined) return model;
    if (name === "") throw new InferenceError("expected a model's name, got none", { code: "not_found" });
    const meant = suggests ? nearestName(name, this.names) : undefined;
    const hint = meant === undefined ? "GET /v1/models names those that do" : `did you mean '${meant}'?`;
    throw new InferenceError(`model '${name}' does not exist: ${hint}`, { code: "not_found" });
  }

  /** Loads all models; resolves when each is ready or failed. */
  async load(): Promise<void> {
    await Promise.allSettled(this.models.map((model) => model.load()));
  }

  /** Unloads all models and closes their predictors, each once; models that still load have `timeoutMs` to end. */
  async close(timeoutMs?: number): Promise<void> {
    await Promise.allSettled(this.models.map((model) => model.unload(timeoutMs)));
    const predictors = new Set(this.models.flatMap(({ predictor }) => predictor ?? []));
    await Promise.allSettled([...predictors].map((predictor) => predictor.close()));
  }
}
