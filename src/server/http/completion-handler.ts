import { InferenceError, invalidArgument } from "../../errors.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import { TensorValues } from "../../inference/own-values.ts";
import { formatJson } from "../../json/format-json.ts";
import { parseJson } from "../../json/parse-json.ts";
import { composeDeadline } from "../../policy/deadline.ts";
import { selectForwardHeaders } from "../../policy/forward-headers.ts";
import { type ProxiedResponse, sendThrough } from "../../predictor/http/proxied-response.ts";
import { decodeBody } from "../../protocol/body-encoding.ts";
import { parseMediaTypes } from "../../protocol/media-type.ts";
import { isJsonObject, type JsonObject } from "../../tensor/json-value.ts";
import { ExchangeContext } from "../../transformer/exchange-context.ts";
import type { Model } from "../../transformer/model.ts";
import { runStage } from "../../transformer/pipeline.ts";
import type { CompletionContext, CompletionEndpoint, Transformer } from "../../transformer/transformer.ts";
import { type Accounting, startAccounting } from "../exchange-accounting.ts";
import type { ModelServer } from "../model-server.ts";
import { transformChunks } from "./completion-chunks.ts";
import type { CompletionRoute } from "./completion-routes.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";

type CompleteRoute = Extract<CompletionRoute, { readonly kind: "complete" }>;

/**
 * A completion, chat, embeddings, rerank or generate call: handed to the predictor's route of the same name, with hooks for
 * the request, the answer and each server-sent event. Without a hook the bytes go through as they are.
 */
export async function handleCompletion(
  server: ModelServer,
  route: CompleteRoute,
  request: HttpRequest,
  requestId: string,
): Promise<HttpResponse> {
  const { limits } = server.options;
  const encoding = request.headers["content-encoding"];
  const body = encoding === undefined ? request.body : await decodeBody(request.body, encoding, limits.maxBodyBytes);
  const { model, members } = findModel(server, route, body);
  const transformer = await model.whenReady();
  const context = createContext(server, route.endpoint, model, members, request, requestId);
  const accounting = startAccounting(server, context, body);
  try {
    const sent = await prepare(transformer, model, members, body, context);
    const answer = await runStage(context, "predict", () => send(server, route, model, sent, context));
    const response = await finish(transformer, answer, context, limits.maxJsonDepth, accounting);
    server.listeners?.responseStarting?.(context);
    const headers = { ...response.headers, ...context.responseHeaders, "x-request-id": requestId };
    return { ...response, headers };
  } catch (error) {
    accounting.end(InferenceError.from(error).status, 0, error);
    throw error;
  }
}

/** The model is in the path, or in the body's `model`; a single model needs neither. */
function findModel(
  server: ModelServer,
  route: CompleteRoute,
  body: readonly Uint8Array[],
): { readonly model: Model; readonly members: () => JsonObject } {
  let read: JsonObject | undefined;
  const members = (): JsonObject => {
    read ??= readObject(Buffer.concat(body), server.options.limits.maxJsonDepth, "body");
    return read;
  };
  if (route.model !== undefined) return { model: server.registry.find(route.model), members };
  const [only, ...others] = server.registry.models;
  if (only !== undefined && others.length === 0) return { model: only, members };
  const name = members()["model"];
  if (typeof name !== "string")
    throw invalidArgument(`model: expected a model's name, got ${JSON.stringify(name) ?? "none"}`);
  return { model: server.registry.find(name), members };
}

class CompletionExchange extends ExchangeContext implements CompletionContext {
  endpoint: CompletionEndpoint = "completions";
}

function createContext(
  server: ModelServer,
  endpoint: CompletionEndpoint,
  model: Model,
  members: () => JsonObject,
  request: HttpRequest,
  requestId: string,
): CompletionExchange {
  const { options } = server;
  const { headers } = request;
  const values = new TensorValues([], "input");
  const content = {
    parameters: {},
    get members() {
      return members();
    },
    values,
  };
  const context = new CompletionExchange({
    request: new InferRequest({ modelName: model.name, content }),
    verb: "predict",
    protocol: endpoint.startsWith("generate") ? "generate" : "openai",
    requestId,
    requestHeaders: headers,
    responseHeaders: {},
    deadline: () => composeDeadline(request.signal, headers, options.requestTimeoutMs),
    log: options.log,
    fetch: options.fetch,
    slots: server.slots,
    predictor: model.client,
    predictorHeaders: { ...selectForwardHeaders(headers, options.forwardHeaders), "x-request-id": requestId },
    listeners: server.listeners,
  });
  context.endpoint = endpoint;
  return context;
}

/** The body for the predictor: as it came, or with the hook's changes and the predictor's own model name. */
async function prepare(
  transformer: Transformer<unknown>,
  model: Model,
  members: () => JsonObject,
  body: readonly Uint8Array[],
  context: CompletionExchange,
): Promise<readonly Uint8Array[]> {
  if (transformer.createState !== undefined) context.state = transformer.createState();
  const rename = model.predictor?.modelName;
  if (transformer.preprocessCompletion === undefined && rename === undefined) return body;
  const given = members();
  const changed = await runStage(
    context,
    "preprocess",
    () => transformer.preprocessCompletion?.(given, context) ?? given,
  );
  const renamed = rename === undefined || changed["model"] === undefined ? changed : { ...changed, model: rename };
  return [Buffer.from(formatJson(renamed))];
}

function send(
  server: ModelServer,
  { endpoint, version }: CompleteRoute,
  model: Model,
  body: readonly Uint8Array[],
  context: CompletionExchange,
): Promise<ProxiedResponse> {
  const name = encodeURIComponent(model.predictor?.modelName ?? model.name);
  const at = version === undefined ? "" : `/versions/${encodeURIComponent(version)}`;
  const path = endpoint.startsWith("generate")
    ? `/v2/models/${name}${at}/${endpoint}`
    : `${server.options.predictorOpenaiPrefix}/v1/${endpoint}`;
  const headers: Record<string, string> = { ...context.predictorHeaders, "content-type": "application/json" };
  const { accept } = context.requestHeaders;
  if (accept !== undefined) headers["accept"] = accept;
  server.listeners?.predictorHeaders?.(context, headers);
  return sendThrough(model.predictor, { method: "POST", path, headers, body }, context.signal);
}

/** The answer: streamed as it is, streamed through `postprocessChunk`, or whole through `postprocessCompletion`. */
async function finish(
  transformer: Transformer<unknown>,
  { status, headers, body }: ProxiedResponse,
  context: CompletionExchange,
  maxDepth: number,
  accounting: Accounting,
): Promise<HttpResponse> {
  const [type] = parseMediaTypes(typeof headers["content-type"] === "string" ? headers["content-type"] : undefined);
  const isEvents = type?.essence === "text/event-stream";
  if (isEvents && status === 200 && transformer.postprocessChunk !== undefined) {
    const chunks = transformChunks(body, (chunk) => transformer.postprocessChunk?.(chunk, context), maxDepth);
    const { "content-length": _, ...rest } = headers;
    return { status, headers: rest, body: accounting.count(status, chunks) };
  }
  if (!isEvents && status === 200 && transformer.postprocessCompletion !== undefined) {
    const answer = readObject(await collect(body), maxDepth, "predictor's answer", "bad_gateway");
    const changed = await runStage(
      context,
      "postprocess",
      () => transformer.postprocessCompletion?.(answer, context) ?? answer,
    );
    const text = Buffer.from(formatJson(changed));
    accounting.end(status, text.byteLength);
    return { status, headers: { "content-type": "application/json" }, body: [text] };
  }
  return { status, headers, body: accounting.count(status, body) };
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function readObject(
  bytes: Uint8Array,
  maxDepth: number,
  what: string,
  code: "invalid_argument" | "bad_gateway" = "invalid_argument",
): JsonObject {
  try {
    const value = parseJson(bytes, { maxDepth });
    if (isJsonObject(value)) return value;
  } catch (error) {
    throw new InferenceError(`${what}: ${InferenceError.from(error).message}`, { code, cause: error });
  }
  throw new InferenceError(`${what}: expected a JSON object`, { code });
}
