import { InferenceError } from "../../errors.ts";
import { METRICS_CONTENT_TYPE } from "../../observability/metrics-format.ts";
import type { Model } from "../../transformer/model.ts";
import { findForProbe } from "../exchange/may-know-names.ts";
import { modelConfig } from "../model-config.ts";
import { loadModel, modelMetadata, repositoryIndex, unloadModel } from "../model-repository.ts";
import type { ModelServer } from "../model-server.ts";
import { modelStatistics } from "../model-statistics.ts";
import { SERVER_METADATA } from "../server-metadata.ts";
import { toConfigBody, toStatisticsBody } from "./extension-bodies.ts";
import { type HttpRequest, type HttpResponse, jsonResponse } from "./http-message.ts";
import type { CompletionRoute, InferRoute, Route } from "./routes.ts";

/** Everything but inference: health, readiness, metadata, lists, repository. */
export async function handleModelRoute(
  server: ModelServer,
  route: Exclude<Route, InferRoute | CompletionRoute>,
  request: HttpRequest,
): Promise<HttpResponse> {
  switch (route.kind) {
    case "metrics":
      return metrics(server);
    case "live":
      return jsonResponse(200, { live: true });
    case "ready": {
      const ready = await server.readiness.server();
      return jsonResponse(ready ? 200 : 503, { ready });
    }
    case "server-metadata":
      return jsonResponse(200, SERVER_METADATA);
    case "v1-models":
    case "v2-models":
      return jsonResponse(200, { models: server.registry.names });
    case "openai-models":
      return openaiModels(server, route.model);
    case "v1-model":
    case "model-ready":
      return modelReady(server, await findForProbe(server, route.model, request.headers));
    case "model-metadata":
      return jsonResponse(200, await modelMetadata(server.registry.find(route.model), request.signal));
    case "model-config":
      return jsonResponse(200, toConfigBody(await modelConfig(server.registry.find(route.model), request.signal)));
    case "model-statistics":
      return statistics(server, route, request);
    case "repository-index":
      return jsonResponse(200, repositoryIndex(server));
    case "repository-load":
      await loadModel(server, route.model);
      return jsonResponse(200, { name: route.model, load: true });
    case "repository-unload":
      await unloadModel(server, route.model);
      return jsonResponse(200, { name: route.model, unload: true });
  }
}

async function metrics({ options }: ModelServer): Promise<HttpResponse> {
  if (options.metrics === undefined) throw new InferenceError("this server collects no metrics", { code: "not_found" });
  const text = await options.metrics.scrape();
  return { status: 200, headers: { "content-type": METRICS_CONTENT_TYPE }, body: [new TextEncoder().encode(text)] };
}

/** V2's statistics extension, of one model or of all. A model of the name `stats` keeps the path of its metadata. */
async function statistics(
  server: ModelServer,
  { model, version }: { readonly model?: string; readonly version?: string },
  { signal }: HttpRequest,
): Promise<HttpResponse> {
  const namesake = model === undefined ? server.registry.get("stats") : undefined;
  if (namesake !== undefined) return jsonResponse(200, await modelMetadata(namesake, signal));
  return jsonResponse(200, toStatisticsBody(await modelStatistics(server, model, version)));
}

/** OpenAI's list of models, or one of them. */
function openaiModels({ registry }: ModelServer, name?: string): HttpResponse {
  const describe = (id: string) => ({ id, object: "model", created: 0, owned_by: "kserve-transformer" });
  if (name !== undefined) return jsonResponse(200, describe(registry.find(name).name));
  return jsonResponse(200, { object: "list", data: registry.models.map((model) => describe(model.name)) });
}

async function modelReady(server: ModelServer, model: Model): Promise<HttpResponse> {
  const ready = await server.readiness.model(model);
  const { name } = model;
  return ready
    ? jsonResponse(200, { name, ready })
    : jsonResponse(503, { name, ready, error: `model '${name}' is not ready` });
}
