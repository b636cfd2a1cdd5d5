import { InferenceError } from "../errors.ts";
import type { Exchange, ExchangeListener, ExchangeOutcome } from "../inference/exchange-listener.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { GuardedFetch, Logger } from "../inference/request-context.ts";
import { formatJson } from "../json/format-json.ts";
import { createLogger } from "../observability/logger.ts";
import type { Predictor } from "../predictor/predictor.ts";
import { createModelServer } from "../server/create-app.ts";
import { handleRequest } from "../server/http/data-plane.ts";
import { isStream, toChunks } from "../server/http/http-message.ts";
import type { AppOptions } from "../server/serve-options.ts";
import { startAtAuthor } from "../tensor/elements/authors-fault.ts";
import type { JsonObject } from "../tensor/json-value.ts";
import { findMisspeltHooks } from "../transformer/misspelt-hooks.ts";
import type { TransformerSource } from "../transformer/model.ts";
import type { CompletionEndpoint, Transformer } from "../transformer/transformer.ts";
import { ReceivedResponse, type TestResponse } from "./received-response.ts";
import { joinBytes, type TestRequest, type V1Body, v1Request } from "./requests.ts";
import { type CompletionStandIn, createStandInPredictor, type StandIn } from "./stand-in-predictor.ts";

export interface TestTransformerOptions extends Omit<AppOptions, "predictor" | "fetch"> {
  /** A function, one recorded response, several (one a call, the last one stays), a mock predictor, or a real one. */
  readonly predictor?: StandIn | readonly StandIn[] | Predictor;
  /** What the predictor's completion routes give: one object, or the objects of a stream. */
  readonly completions?: CompletionStandIn;
  /** What downloads give, by URL; every other URL is a 404. No network is used. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** @default silent */
  readonly log?: Logger;
}

export interface TestedTransformer {
  /** Sends a V1 body or a built request through decode, hooks and encode. */
  predict(request: V1Body | TestRequest): Promise<TestResponse>;
  explain(body: V1Body): Promise<TestResponse>;
  /** Sends a body to a completion's route, through its hooks. */
  complete(endpoint: CompletionEndpoint, body: JsonObject): Promise<TestResponse>;
  /** What the predictor was asked so far. */
  readonly sent: readonly InferRequest[];
  close(): Promise<void>;
}

/**
 * A transformer in memory: the true pipeline and the true codecs, no socket.
 *
 *     const clothing = testTransformer(ClothingTransformer, { predictor: { outputs: [logits] } });
 *     const response = await clothing.predict({ instances: [{ url }] });
 */
export function testTransformer(
  transformer: TransformerSource,
  options: TestTransformerOptions = {},
): TestedTransformer {
  const { predictor, completions, files, log = createLogger({ level: "silent" }), listeners = [], ...rest } = options;
  const sent: InferRequest[] = [];
  const errors = new ErrorsById();
  const standsIn = predictor !== undefined || completions !== undefined;
  const server = createModelServer(transformer, {
    // No thread is left behind by a test that forgets to close.
    imageThreads: 0,
    ...rest,
    log,
    listeners: [errors, ...listeners],
    predictor: standsIn
      ? createStandInPredictor({ predictor: predictor ?? { predictions: [] }, completions, sent })
      : undefined,
    fetch: createFileFetch(files ?? {}),
  });
  const loading = server.registry.load();
  const modelName = encodeURIComponent(options.modelName ?? "model");
  let requests = 0;

  async function send({ method, path, headers, body }: TestRequest): Promise<TestResponse> {
    await loading;
    const [model] = server.registry.models;
    // A load that failed is what the test is about, not that requests are refused since.
    if (model?.state === "failed") throw model.failure;
    if (model?.state === "ready") assertHookNames(model.transformer);
    requests += 1;
    const id = headers["x-request-id"] ?? `test-${requests}`;
    const response = await handleRequest(server, {
      method,
      path: path.replace("{model}", modelName),
      query: "",
      headers: { ...headers, "x-request-id": id },
      body: [body],
      signal: new AbortController().signal,
    });
    if (response === undefined) throw new Error(`no such route: ${path}`);
    const chunks = isStream(response.body) ? await collect(response.body) : toChunks(response.body);
    return new ReceivedResponse({
      protocol: path.startsWith("/v2") ? "v2" : "v1",
      status: response.status,
      headers: response.headers as Record<string, string>,
      body: joinBytes(chunks),
      error: errors.take(id),
    });
  }

  return {
    predict: (request) => send(isTestRequest(request) ? request : v1Request(request)),
    explain: (body) => send(v1Request(body, { verb: "explain" })),
    complete: (endpoint, body) => send(completionRequest(endpoint, body)),
    sent,
    close: () => server.close(),
  };
}

/** A server warns of it in its log, which a test does not show. */
function assertHookNames(transformer: Transformer<unknown>): void {
  const [misspelt] = findMisspeltHooks(transformer);
  if (misspelt === undefined) return;
  const fault = new InferenceError(`${transformer.constructor.name}: ${misspelt}`, { code: "invalid_argument" });
  throw startAtAuthor(fault);
}

/** What went wrong in a request, which a client is not told. */
class ErrorsById implements ExchangeListener {
  readonly #errors = new Map<string, unknown>();

  requestEnded({ requestId }: Exchange, { error }: ExchangeOutcome): void {
    if (error !== undefined) this.#errors.set(requestId, error);
  }

  take(requestId: string): unknown {
    const error = this.#errors.get(requestId);
    this.#errors.delete(requestId);
    return error;
  }
}

function completionRequest(endpoint: CompletionEndpoint, body: JsonObject): TestRequest {
  const isGenerate = endpoint === "generate" || endpoint === "generate_stream";
  return {
    method: "POST",
    path: isGenerate ? `/v2/models/{model}/${endpoint}` : `/openai/v1/${endpoint}`,
    headers: { "content-type": "application/json" },
    body: new TextEncoder().encode(formatJson(body)),
  };
}

function isTestRequest(request: V1Body | TestRequest): request is TestRequest {
  return "method" in request && "path" in request && request["body"] instanceof Uint8Array;
}

/** Downloads from memory. `data:` URLs never come here: whoever loads files reads those itself. */
function createFileFetch(files: Readonly<Record<string, Uint8Array>>): GuardedFetch {
  return async (url) => {
    const body = files[url];
    if (body !== undefined) return { url, status: 200, contentType: undefined, body };
    const given = Object.keys(files).join(", ") || "none";
    throw new InferenceError(`${url} answered 404; the test gives files for: ${given}`, { code: "invalid_argument" });
  };
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}
