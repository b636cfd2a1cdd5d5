import type { IncomingMessage, ServerResponse } from "node:http";
import { createGuardedFetch } from "../download/guarded-fetch.ts";
import { createLogger } from "../observability/logger.ts";
import type { TransformerSource } from "../transformer/model.ts";
import { type ModelOptions, ModelRegistry } from "../transformer/model-registry.ts";
import { Transformer } from "../transformer/transformer.ts";
import { createExpressApp } from "./http/pages/express-app.ts";
import { ModelServer } from "./model-server.ts";
import { warmUp } from "./process/warm-up.ts";
import { type AppOptions, resolveAppOptions } from "./serve-options.ts";

/** One transformer, or several by name, each with its own predictor. */
export type Models = TransformerSource | Readonly<Record<string, TransformerSource | ModelOptions>>;

/**
 * An Express application that closes what it opened: to be mounted in another one, and for whatever else takes a listener of
 * node:http. The type names nothing of Express, whose own types a user need not have.
 */
export interface TransformerApp {
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void;
  /** Resolves once every model is ready. @throws the first failure to load. */
  ready(): Promise<void>;
  /** Unloads the models and closes their predictors. */
  close(): Promise<void>;
}

/** The server of these models, not yet loaded and not yet listening. */
export function createModelServer(models: Models, options: AppOptions): ModelServer {
  const log = options.log ?? createLogger();
  const ours = createGuardedFetch({});
  const fetch = options.fetch ?? ours;
  const registry = new ModelRegistry(toModelOptions(models, options), { log, fetch });
  const resolved = resolveAppOptions(options);
  const server = new ModelServer({ ...resolved, registry, log, fetch, closeFetch: () => ours.close() });
  if (resolved.warmUp.length === 0) return server;
  for (const model of registry.models) {
    model.warmUp = (transformer, signal) => warmUp(server, model, transformer, signal);
  }
  return server;
}

/**
 * An Express application that serves the models: loading starts at once, requests wait for it, `close()` ends it.
 */
export function createApp(models: Models, options: AppOptions = {}): TransformerApp {
  const server = createModelServer(models, options);
  const loading = server.registry.load();
  const ready = async () => {
    await loading;
    const failed = server.registry.models.find(({ state }) => state === "failed");
    if (failed !== undefined) throw failed.failure;
  };
  const close = async () => {
    server.readiness.draining = true;
    await server.close();
  };
  return Object.assign(createExpressApp(server), { ready, close });
}

function toModelOptions(models: Models, options: AppOptions): Record<string, ModelOptions> {
  if (isSource(models)) {
    return { [options.modelName ?? "model"]: { transformer: models, predictor: options.predictor } };
  }
  return Object.fromEntries(
    Object.entries(models).map(([name, entry]) => [
      name,
      isSource(entry) ? { transformer: entry, predictor: options.predictor } : entry,
    ]),
  );
}

function isSource(value: Models | ModelOptions): value is TransformerSource {
  return typeof value === "function" || Transformer.isInstance(value);
}
