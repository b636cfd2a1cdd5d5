import { InferenceError } from "../errors.ts";
import type { WireMessage } from "../inference/content-source.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import { composeDeadline } from "../predictor/deadline.ts";
import { selectForwardHeaders } from "../predictor/forward-headers.ts";
import { decodeBody } from "../protocol/body-encoding.ts";
import { checkRequest } from "../protocol/check-request.ts";
import type { CloudEvent } from "../protocol/cloudevents/cloud-event.ts";
import { decodeEvent, isCloudEvent } from "../protocol/cloudevents/decode.ts";
import { encodeEvent } from "../protocol/cloudevents/encode.ts";
import type { Codec } from "../protocol/codec.ts";
import { selectCodec } from "../protocol/select-codec.ts";
import { ExchangeContext } from "../transformer/exchange-context.ts";
import type { Model } from "../transformer/model.ts";
import { type PipelineResult, runPipeline, runStage } from "../transformer/pipeline.ts";
import type { Transformer } from "../transformer/transformer.ts";
import { errorResponse } from "./error-response.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import type { ModelServer } from "./model-server.ts";
import type { Route } from "./routes.ts";

type InferRoute = Extract<Route, { readonly kind: "infer" }>;

/** One inference request over HTTP: decode, pipeline, encode. */
export async function handleInfer(
  server: ModelServer,
  route: InferRoute,
  request: HttpRequest,
  requestId: string,
): Promise<HttpResponse> {
  const started = performance.now();
  const model = server.registry.find(route.model);
  const codec = selectCodec(route.protocol);
  const transformer = await model.whenReady();
  if (route.verb === "explain") assertExplain(route, transformer);
  const { message, event } = await receive(server, request);
  const context = createContext(server, model, codec, route, request, message, requestId);
  server.stages?.requestStarted?.(context);
  let response: HttpResponse;
  let failure: unknown;
  try {
    const encoded = await answer(server, codec, transformer, context);
    const sent = event === undefined ? encoded : encodeEvent(encoded, event, model.name, server.options.cloudEvents);
    response = { status: 200, headers: sent.headers, body: sent.body };
  } catch (error) {
    failure = error;
    response = errorResponse(error, requestId, server.options.log);
  } finally {
    context.close();
  }
  server.stages?.responseStarting?.(context);
  server.stages?.requestEnded?.(context, {
    status: response.status,
    milliseconds: performance.now() - started,
    requestBytes: byteLength(request.body),
    responseBytes: Array.isArray(response.body) ? byteLength(response.body) : 0,
    ...(failure === undefined ? {} : { error: failure }),
  });
  return { ...response, headers: { ...response.headers, ...context.responseHeaders, "x-request-id": requestId } };
}

/** The body, decompressed and out of its event. */
async function receive(
  server: ModelServer,
  { headers, body, signal }: HttpRequest,
): Promise<{ readonly message: WireMessage; readonly event?: CloudEvent }> {
  const { limits } = server.options;
  const encoding = headers["content-encoding"];
  const decoded = encoding === undefined ? body : await decodeBody(body, encoding, limits.maxBodyBytes, signal);
  if (!isCloudEvent(headers)) return { message: { headers: wireHeaders(headers), body: decoded } };
  const { event, message } = decodeEvent({ headers, body: decoded }, limits.maxJsonDepth);
  return { event, message: { headers: wireHeaders(message.headers), body: message.body } };
}

function createContext(
  server: ModelServer,
  model: Model,
  codec: Codec,
  route: InferRoute,
  request: HttpRequest,
  message: WireMessage,
  requestId: string,
): ExchangeContext {
  const { options } = server;
  const { headers } = request;
  if (options.checkRequests) checkRequest(codec.wire, message, options.limits);
  const inferRequest = codec.decodeRequest(message, {
    modelName: model.name,
    modelVersion: route.version,
    limits: options.limits,
    inputs: model.transformer.inputs,
    chaining: options.chaining,
  });
  return new ExchangeContext({
    request: inferRequest,
    verb: route.verb,
    protocol: codec.wire,
    requestId,
    requestHeaders: headers,
    responseHeaders: {},
    deadline: () => composeDeadline(request.signal, headers, options.requestTimeoutMs),
    log: options.log,
    fetch: options.fetch,
    predictor: model.client,
    predictorHeaders: { ...selectForwardHeaders(headers, options.forwardHeaders), "x-request-id": requestId },
    stages: server.stages,
  });
}

async function answer(
  server: ModelServer,
  codec: Codec,
  transformer: Transformer<unknown>,
  context: ExchangeContext,
): Promise<WireMessage> {
  const result = await runPipeline(transformer, context);
  const { request } = context;
  if (server.options.checkRows) assertRowCount(request, result.response);
  return runStage(context, "encode", () => encodeAnswer(codec, request, result, transformer));
}

/** The answer's bytes as they came where the client may have them so, else encoded anew in the client's form. */
function encodeAnswer(
  codec: Codec,
  request: InferRequest,
  { response, direct }: PipelineResult,
  transformer: Transformer<unknown>,
): WireMessage {
  const { source } = response;
  const hookedAfter = transformer.postprocess !== undefined;
  // A V2 answer carries the request's id, so only the predictor's own answer to this request may go out unread.
  const own = direct || codec.wire === "v1";
  if (source !== undefined && source.wire === codec.wire && own && codec.mayForwardResponse(source.message, request)) {
    const filtered = hookedAfter && codec.wire !== "v1" && request.requestedOutputs !== undefined;
    if (!filtered) return codec.replaceModelName(source.message, request.modelName);
  }
  return codec.encodeResponse(response, { request, outputs: transformer.outputs });
}

function assertExplain(route: InferRoute, transformer: Transformer<unknown>): void {
  if (route.protocol === "v2" && transformer.explain === undefined) {
    throw new InferenceError("explain over V2 needs an explain hook", { code: "unimplemented" });
  }
}

/** KServe's batcher splits an answer by the rows it merged, so a miscount would hand answers to the wrong client. */
function assertRowCount(request: InferRequest, response: InferResponse): void {
  const sent = request.values.rows().length;
  const given = response.values.rows().length;
  if (sent !== given) {
    throw new InferenceError(`the answer has ${given} rows for ${sent} instances`, { code: "internal" });
  }
}

function wireHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  const type = headers["content-type"];
  if (type !== undefined) kept["content-type"] = type;
  const length = headers["inference-header-content-length"];
  if (length !== undefined) kept["inference-header-content-length"] = length;
  return kept;
}

function byteLength(chunks: readonly Uint8Array[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.byteLength;
  return length;
}
