import { InferenceError } from "../../errors.ts";
import type { ModelServer } from "../model-server.ts";
import { requestIdOf } from "../request-id.ts";
import { handleCompletion } from "./completion-handler.ts";
import { type CompletionRoute, matchCompletionRoute } from "./completion-routes.ts";
import { errorResponse } from "./error-response.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { handleInfer } from "./infer-handler.ts";
import { handleModelRoute, openaiModels } from "./model-handlers.ts";
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
    const completion = matchCompletionRoute(request.path, server.options.openaiRoutePrefix);
    if (completion !== undefined) {
      await authenticate(server, completion, request);
      return await handleCompletionRoute(server, completion, request, requestId);
    }
    const route = matchRoute(request.path);
    if (route === undefined) return undefined;
    await authenticate(server, route, request);
    assertMethod(methodOf(route), request);
    if (route.kind === "infer") return await handleInfer(server, route, request, requestId);
    return await handleModelRoute(server, route, request);
  } catch (error) {
    return errorResponse(error, requestId, server.options.log);
  }
}

/** What probes ask for: nothing of it says more than that a model is there and ready. */
const HEALTH: ReadonlySet<string> = new Set(["live", "ready", "v1-model", "model-ready"]);

/** Judged by the route and not by the path, which has many spellings. @throws InferenceError unauthenticated. */
async function authenticate(
  { authenticator }: ModelServer,
  { kind }: Route | CompletionRoute,
  { headers }: HttpRequest,
): Promise<void> {
  if (authenticator === undefined) return;
  if (kind === "metrics" ? authenticator.exemptMetrics : authenticator.exemptHealth && HEALTH.has(kind)) return;
  await authenticator.authenticate(headers);
}

/** OpenAI's clients read `{"error": {"message", …}}`; V2's generate has the form of V2. */
async function handleCompletionRoute(
  server: ModelServer,
  route: CompletionRoute,
  request: HttpRequest,
  requestId: string,
): Promise<HttpResponse> {
  try {
    if (route.kind === "openai-models") {
      assertMethod("GET", request);
      return openaiModels(server, route.model);
    }
    assertMethod("POST", request);
    return await handleCompletion(server, route, request, requestId);
  } catch (thrown) {
    const error = InferenceError.from(thrown);
    const isGenerate = route.kind === "complete" && route.endpoint.startsWith("generate");
    if (isGenerate || error.body !== undefined) throw error;
    const body = { error: { message: error.message, type: error.code, param: null, code: error.status } };
    const headers = error.headers ?? {};
    throw new InferenceError(error.message, { code: error.code, status: error.status, headers, body, cause: error });
  }
}

function assertMethod(allowed: "GET" | "POST", { method, path }: HttpRequest): void {
  if (method === allowed || (allowed === "GET" && method === "HEAD")) return;
  throw new InferenceError(`${path} takes ${allowed}, got ${method}`, {
    code: "method_not_allowed",
    headers: { allow: allowed === "GET" ? "GET, HEAD" : allowed },
  });
}
