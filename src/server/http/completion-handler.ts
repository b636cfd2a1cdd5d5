import { InferenceError, invalidArgument } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import type { JsonObject } from "../../tensor/json-value.ts";
import { CompletionBody } from "../exchange/completion-body.ts";
import { CompletionExchange, isGenerate, protocolOf } from "../exchange/completion-exchange.ts";
import { failureOf, runExchange } from "../exchange/exchange.ts";
import { RefusedExchange } from "../exchange/refused-exchange.ts";
import type { ModelServer } from "../model-server.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { receiveBody, toSentMessage, toWireMessage } from "./receive-message.ts";
import type { CompletionRoute } from "./routes.ts";

/** One completion over HTTP: OpenAI's routes and V2's generate extension. @throws InferenceError, see `openaiError`. */
export async function handleCompletion(
  server: ModelServer,
  route: CompletionRoute,
  request: HttpRequest,
  requestId: string,
): Promise<HttpResponse> {
  const { message, members, strategy } = await receive(server, route, request);
  const outgoing = await runExchange(
    server,
    {
      modelName: route.model ?? modelNameOf(server, members),
      modelVersion: route.version,
      verb: "predict",
      message,
      headers: request.headers,
      requestId,
      get signal() {
        return request.signal;
      },
      onLeave: request.onLeave,
    },
    strategy,
  );
  const { response, headers } = outgoing;
  if (response !== undefined) return { ...response, headers: { ...response.headers, ...headers } };
  throw failureOf(outgoing);
}

interface Received {
  readonly message: WireMessage;
  /** Reads the body, once. @throws InferenceError invalid_argument; what went wrong with the body before. */
  readonly members: () => JsonObject;
  readonly strategy: CompletionExchange | RefusedExchange;
}

/** What cannot be decompressed is refused inside its exchange, so that it is counted and logged like every other request. */
async function receive(
  server: ModelServer,
  { endpoint, model }: CompletionRoute,
  request: HttpRequest,
): Promise<Received> {
  try {
    const body = await receiveBody(server, request);
    const read = new CompletionBody(body, server.options.limits.maxJsonDepth);
    // Only the body says which of several models is meant.
    if (model === undefined && server.registry.models.length > 1) await read.prepare(request.signal);
    const message = toWireMessage(request.headers, body);
    return { message, members: () => read.members(), strategy: new CompletionExchange(endpoint, read) };
  } catch (error) {
    const members = (): never => {
      throw error;
    };
    return { message: toSentMessage(request), members, strategy: new RefusedExchange(protocolOf(endpoint), error) };
  }
}

/** The model is in the path, or in the body's `model`; a single model needs neither. */
function modelNameOf({ registry }: ModelServer, members: () => JsonObject): string {
  const [only, ...others] = registry.models;
  if (only !== undefined && others.length === 0) return only.name;
  const name = members()["model"];
  if (typeof name === "string") return name;
  throw invalidArgument(`model: expected a model's name, got ${JSON.stringify(name) ?? "none"}`);
}

/** OpenAI's clients read `{"error": {"message", …}}`; V2's generate has the form of V2. */
export function toRouteError(thrown: unknown, { endpoint }: CompletionRoute): InferenceError {
  const error = InferenceError.from(thrown);
  if (isGenerate(endpoint) || error.body !== undefined) return error;
  return toOpenaiError(error);
}

export function toOpenaiError(thrown: unknown): InferenceError {
  const error = InferenceError.from(thrown);
  const { code, status, headers = {} } = error;
  const body = { error: { message: error.message, type: code, param: null, code: status } };
  return new InferenceError(error.message, { code, status, headers, body, cause: error });
}
