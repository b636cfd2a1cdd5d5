import { InferenceError } from "../../errors.ts";
import { mayKnowNames } from "../exchange/may-know-names.ts";
import type { ModelServer } from "../model-server.ts";
import { requestIdOf } from "../request-id.ts";
import { handleCompletion, toOpenaiError, toRouteError } from "./completion-handler.ts";
import { errorResponse } from "./error-response.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { handleInfer } from "./infer-handler.ts";
import { handleModelRoute } from "./model-handlers.ts";
import { suggestRoute } from "./pages/suggest-route.ts";
import { matchRoute, methodOf, type Route } from "./routes.ts";

/**
 * The routes of KServe V1, the Open Inference Protocol V2 and OpenAI's API on plain values: shells (node:http, Express) hand
 * requests in and write responses out; nothing here knows a socket.
 *
 * Never throws: what goes wrong is a response.
 */
export async function handleRoute(server: ModelServer, route: Route, request: HttpRequest): Promise<HttpResponse> {
  try {
    await authenticate(server, route, request.headers);
  } catch (error) {
    return errorResponse(error, requestIdOf(request.headers), server.options.log);
  }
  return handleTrusted(server, route, request);
}

/** As `handleRoute`, where `authenticate` has let the request in before its body was read. */
export async function handleTrusted(server: ModelServer, route: Route, request: HttpRequest): Promise<HttpResponse> {
  const requestId = requestIdOf(request.headers);
  try {
    return await dispatch(server, route, request, requestId);
  } catch (error) {
    return errorResponse(error, requestId, server.options.log);
  }
}

/** A request whose path nobody has looked at yet; undefined when it is none of the data plane's. */
export async function handleRequest(server: ModelServer, request: HttpRequest): Promise<HttpResponse | undefined> {
  let route: Route | undefined;
  try {
    route = matchRoute(request.path, server.options.openaiRoutePrefix);
  } catch (error) {
    return errorResponse(error, requestIdOf(request.headers), server.options.log);
  }
  return route === undefined ? undefined : handleRoute(server, route, request);
}

async function dispatch(
  server: ModelServer,
  route: Route,
  request: HttpRequest,
  requestId: string,
): Promise<HttpResponse> {
  try {
    await assertMethod(methodOf(route), request, server);
    if (route.kind === "infer") return await handleInfer(server, route, request, requestId);
    if (route.kind === "completion") return await handleCompletion(server, route, request, requestId);
    return await handleModelRoute(server, route, request);
  } catch (error) {
    if (route.kind === "completion") throw toRouteError(error, route);
    if (route.kind === "openai-models") throw toOpenaiError(error);
    throw error;
  }
}

/** What probes ask for: nothing of it says more than that a model is there and ready. */
const HEALTH: ReadonlySet<string> = new Set(["live", "ready", "v1-model", "model-ready"]);

/** Judged by the route and not by the path, which has many spellings. @throws InferenceError unauthenticated. */
export async function authenticate(
  { authenticator }: ModelServer,
  { kind }: Route,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Promise<void> {
  if (authenticator === undefined) return;
  if (kind === "metrics" ? authenticator.exemptMetrics : authenticator.exemptHealth && HEALTH.has(kind)) return;
  await authenticator.authenticate(headers);
}

async function assertMethod(allowed: "GET" | "POST", request: HttpRequest, server: ModelServer): Promise<void> {
  const { method, path, headers } = request;
  if (method === allowed || (allowed === "GET" && method === "HEAD")) return;
  const names = (await mayKnowNames(server, headers)) ? server.registry.names : [];
  const meant = allowed === "GET" ? suggestRoute(method, path, names) : undefined;
  const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
  throw new InferenceError(`${path} takes ${allowed}, got ${method}${hint}`, {
    code: "method_not_allowed",
    headers: { allow: allowed === "GET" ? "GET, HEAD" : allowed },
  });
}
