import { InferenceError } from "../errors.ts";
import { errorResponse } from "./error-response.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import { handleInfer } from "./infer-handler.ts";
import { handleModelRoute } from "./model-handlers.ts";
import type { ModelServer } from "./model-server.ts";
import { requestIdOf } from "./request-id.ts";
import { matchRoute, methodOf, type Route } from "./routes.ts";

/**
 * The routes of KServe V1 and the Open Inference Protocol V2 on plain values: shells (node:http, Express) hand requests in
 * and write answers out; nothing here knows a socket.
 *
 * Undefined when the path is none of the data plane's. Never throws: what goes wrong is an answer.
 */
export async function handleRequest(server: ModelServer, request: HttpRequest): Promise<HttpResponse | undefined> {
  const requestId = requestIdOf(request.headers);
  try {
    const route = matchRoute(request.path);
    if (route === undefined) return undefined;
    assertMethod(route, request);
    if (route.kind === "infer") return await handleInfer(server, route, request, requestId);
    return await handleModelRoute(server, route, request);
  } catch (error) {
    return errorResponse(error, requestId, server.options.log);
  }
}

function assertMethod(route: Route, { method, path }: HttpRequest): void {
  const allowed = methodOf(route);
  if (method === allowed || (allowed === "GET" && method === "HEAD")) return;
  throw new InferenceError(`${path} takes ${allowed}, got ${method}`, {
    code: "method_not_allowed",
    headers: { allow: allowed === "GET" ? "GET, HEAD" : allowed },
  });
}
