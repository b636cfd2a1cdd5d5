import { randomUUID } from "node:crypto";
import { InferenceError } from "../errors.ts";
import { combineStages } from "../inference/combine-stages.ts";
import type { GuardedFetch, Logger } from "../inference/request-context.ts";
import type { Stages } from "../inference/stages.ts";
import type { ModelRegistry } from "../transformer/model-registry.ts";
import { errorResponse } from "./error-response.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import { handleInfer } from "./infer-handler.ts";
import { handleModelRoute } from "./model-handlers.ts";
import { Readiness } from "./readiness.ts";
import { matchRoute, methodOf } from "./routes.ts";
import type { ResolvedAppOptions } from "./serve-options.ts";

export interface DataPlaneOptions extends ResolvedAppOptions {
  readonly registry: ModelRegistry;
  readonly log: Logger;
  readonly fetch: GuardedFetch;
}

/**
 * The routes of KServe V1 and the Open Inference Protocol V2 on plain values. Shells (node:http, Express) hand requests in
 * and write answers out; nothing here knows a socket.
 */
export class DataPlane {
  readonly options: DataPlaneOptions;
  readonly registry: ModelRegistry;
  readonly readiness: Readiness;
  readonly stages: Stages | undefined;

  constructor(options: DataPlaneOptions) {
    this.options = options;
    this.registry = options.registry;
    this.readiness = new Readiness(options);
    this.stages = combineStages(options.stages);
  }

  /**
   * Answers a request; undefined when the path is none of the data plane's. Never throws: what goes wrong is an answer.
   */
  async handle(request: HttpRequest): Promise<HttpResponse | undefined> {
    const requestId = requestIdOf(request.headers);
    try {
      const route = matchRoute(request.path);
      if (route === undefined) return undefined;
      const allowed = methodOf(route);
      if (request.method !== allowed && !(allowed === "GET" && request.method === "HEAD")) {
        throw new InferenceError(`${request.path} takes ${allowed}, got ${request.method}`, {
          code: "method_not_allowed",
          headers: { allow: allowed === "GET" ? "GET, HEAD" : allowed },
        });
      }
      if (route.kind === "infer") return await handleInfer(this, route, request, requestId);
      return await handleModelRoute(this, route, request);
    } catch (error) {
      return errorResponse(error, requestId, this.options.log);
    }
  }
}

/** The client's request id, or a new one. */
export function requestIdOf(headers: Readonly<Record<string, string | readonly string[] | undefined>>): string {
  const id = headers["x-request-id"];
  return typeof id === "string" && id !== "" && id.length <= 256 ? id : randomUUID();
}
