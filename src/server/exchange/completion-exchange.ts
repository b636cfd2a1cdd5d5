import { InferenceError } from "../../errors.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { formatJson } from "../../json/format-json.ts";
import { type ProxiedResponse, sendThrough } from "../../predictor/http/proxied-response.ts";
import { decodeStream, describeUndecoded } from "../../protocol/body-encoding.ts";
import { parseMediaTypes } from "../../protocol/media-type.ts";
import { isJsonObject, type JsonObject } from "../../tensor/json-value.ts";
import { ExchangeContext } from "../../transformer/exchange-context.ts";
import { formatReturned } from "../../transformer/hook-fault.ts";
import type { Model } from "../../transformer/model.ts";
import { runStage } from "../../transformer/pipeline.ts";
import type { CompletionContext, CompletionEndpoint } from "../../transformer/transformer.ts";
import type { HttpResponse } from "../http/http-message.ts";
import type { ModelServer } from "../model-server.ts";
import { CompletionBody } from "./completion-body.ts";
import { transformChunks } from "./completion-chunks.ts";
import type { ExchangeStrategy, Incoming, RunningExchange } from "./exchange.ts";

class CompletionExchangeContext extends ExchangeContext implements CompletionContext {
  endpoint: CompletionEndpoint = "completions";
}

type Running = RunningExchange<CompletionExchangeContext>;

/**
 * A completion, chat, embeddings, rerank or generate call: handed to the predictor's route of the same name, with hooks for
 * the request, the response and each server-sent event. Without a hook the bytes go through as they are.
 */
export class CompletionExchange implements ExchangeStrategy<CompletionExchangeContext> {
  readonly protocol: string;
  readonly #endpoint: CompletionEndpoint;
  readonly #body: CompletionBody;

  constructor(endpoint: CompletionEndpoint, body: CompletionBody) {
    this.protocol = protocolOf(endpoint);
    this.#endpoint = endpoint;
    this.#body = body;
  }

  createContext({ environment }: ModelServer, model: Model, incoming: Incoming): CompletionExchangeContext {
    const body = this.#body;
    const values = new TensorValues([], "input");
    const content = {
      parameters: {},
      get members() {
        return body.members();
      },
      values,
    };
    const request = new InferRequest({ modelName: model.name, content });
    const { protocol } = this;
    const context = new CompletionExchangeContext(environment, incoming, { request, protocol, client: model.client });
    context.endpoint = this.#endpoint;
    return context;
  }

  async respond(exchange: Running): Promise<HttpResponse> {
    const { transformer, context } = exchange;
    if (transformer.createState !== undefined) context.state = transformer.createState();
    const body = await this.#prepare(exchange);
    const response = await runStage(context, "predict", () => send(exchange, body));
    return finish(exchange, response);
  }

  /** The body for the predictor: as it came, or with the hook's changes and the predictor's own model name. */
  async #prepare(exchange: Running): Promise<readonly Uint8Array[]> {
    const { transformer, model, incoming, context } = exchange;
    const rename = model.predictor?.modelName;
    if (transformer.preprocessCompletion === undefined && rename === undefined) return incoming.message.body;
    await this.#body.prepare(context.signal);
    const renamed = (body: JsonObject): JsonObject =>
      rename === undefined || body["model"] === undefined ? body : { ...body, model: rename };
    const given = this.#body.members();
    if (transformer.preprocessCompletion === undefined) return [Buffer.from(formatJson(renamed(given)))];
    const changed = await runStage(context, "preprocess", () => transformer.preprocessCompletion?.(given, context));
    try {
      const text = formatReturned(
        transformer,
        "preprocessCompletion",
        isJsonObject(changed) ? renamed(changed) : changed,
      );
      return [Buffer.from(text)];
    } catch (fault) {
      await assertWritable(exchange);
      throw fault;
    }
  }
}

/** What cannot be written because the client sent it so, NaN, stays the client's mistake, also where a hook hands it on. */
async function assertWritable({ server, incoming, context }: Running): Promise<void> {
  const sent = new CompletionBody(incoming.message.body, server.options.limits.maxJsonDepth);
  await sent.prepare(context.signal);
  formatJson(sent.members(), "body");
}

/** As metrics and logs call it. */
export function protocolOf(endpoint: CompletionEndpoint): "generate" | "openai" {
  return isGenerate(endpoint) ? "generate" : "openai";
}

export function isGenerate(endpoint: CompletionEndpoint): boolean {
  return endpoint === "generate" || endpoint === "generate_stream";
}

function send({ server, incoming, model, context }: Running, body: readonly Uint8Array[]): Promise<ProxiedResponse> {
  const { endpoint } = context;
  const name = encodeURIComponent(model.predictor?.modelName ?? model.name);
  const { modelVersion } = incoming;
  const at = modelVersion === undefined ? "" : `/versions/${encodeURIComponent(modelVersion)}`;
  const path = isGenerate(endpoint)
    ? `/v2/models/${name}${at}/${endpoint}`
    : `${server.options.predictorOpenaiPrefix}/v1/${endpoint}`;
  const headers: Record<string, string> = { ...context.predictorHeaders, "content-type": "application/json" };
  const { accept } = context.requestHeaders;
  if (accept !== undefined) headers["accept"] = accept;
  server.listeners?.predictorHeaders?.(context, headers);
  return sendThrough(model.predictor, { method: "POST", path, headers, body }, context.signal);
}

/** The response: streamed as it is, streamed through `postprocessChunk`, or whole through `postprocessCompletion`. */
async function finish(exchange: Running, { status, headers, body }: ProxiedResponse): Promise<HttpResponse> {
  const { server, transformer, context, fail } = exchange;
  const { nonFinite } = server;
  const { maxJsonDepth: maxDepth, maxResponseBytes } = server.options.limits;
  const [type] = parseMediaTypes(typeof headers["content-type"] === "string" ? headers["content-type"] : undefined);
  const isEvents = type?.essence === "text/event-stream";
  if (isEvents && status === 200 && transformer.postprocessChunk !== undefined) {
    const hook = async (chunk: JsonObject): Promise<string | undefined> => {
      const changed = await transformer.postprocessChunk?.(chunk, context);
      return changed === undefined ? undefined : formatReturned(transformer, "postprocessChunk", changed, nonFinite);
    };
    const { "content-length": _length, "content-encoding": encoding, ...rest } = headers;
    const chunks = transformChunks(decompressed(body, encoding), {
      hook,
      maxDepth,
      maxEventBytes: maxResponseBytes,
      requestId: context.requestId,
      form: protocolOf(context.endpoint),
      signal: context.signal,
      fail,
    });
    return { status, headers: rest, body: chunks };
  }
  if (!isEvents && status === 200 && transformer.postprocessCompletion !== undefined) {
    const received = await collect(decompressed(body, headers["content-encoding"]), maxResponseBytes);
    const read = new CompletionBody(received, maxDepth, "predictor's response", "bad_gateway");
    await read.prepare(context.signal);
    const given = read.members();
    const changed = await runStage(context, "postprocess", () => transformer.postprocessCompletion?.(given, context));
    const text = formatReturned(transformer, "postprocessCompletion", changed, nonFinite);
    return { status, headers: { "content-type": "application/json" }, body: [Buffer.from(text)] };
  }
  return { status, headers, body };
}

/** For a hook; what no hook reads goes through compressed. @throws InferenceError bad_gateway for what cannot be decompressed. */
async function* decompressed(
  body: AsyncIterable<Uint8Array>,
  encoding: string | string[] | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* decodeStream(body, encoding === undefined ? undefined : String(encoding));
  } catch (thrown) {
    const error = InferenceError.from(thrown);
    if (error.code !== "invalid_argument" && error.code !== "unsupported_media_type") throw thrown;
    throw new InferenceError(describeUndecoded(String(encoding), error), { code: "bad_gateway", cause: error });
  }
}

/** @throws InferenceError bad_gateway for more than `maxBytes`. */
async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      const message = `the predictor's response is larger than ${maxBytes} bytes (max_response_bytes)`;
      throw new InferenceError(message, { code: "bad_gateway" });
    }
    chunks.push(chunk);
  }
  return chunks;
}
