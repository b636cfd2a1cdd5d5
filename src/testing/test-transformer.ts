import { InferenceError } from "../errors.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import { InferResponse, type ResponseInit, responseContentOf } from "../inference/infer-response.ts";
import type { InferOptions } from "../inference/inference-client.ts";
import type { GuardedFetch, Logger } from "../inference/request-context.ts";
import { createLogger } from "../observability/logger.ts";
import type { Predictor } from "../predictor/predictor.ts";
import { DEFAULT_LIMITS } from "../protocol/limits.ts";
import { selectCodec } from "../protocol/select-codec.ts";
import { createModelServer } from "../server/create-app.ts";
import { handleRequest } from "../server/http/data-plane.ts";
import { isStream } from "../server/http/http-message.ts";
import type { AppOptions } from "../server/serve-options.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { TransformerSource } from "../transformer/model.ts";
import { joinBytes, type TestRequest, type V1Body, v1Request } from "./requests.ts";

/** Answers a request, or is the answer. */
export type TestAnswerer = ((request: InferRequest) => ResponseInit | Promise<ResponseInit>) | ResponseInit;

export interface TestTransformerOptions extends Omit<AppOptions, "predictor" | "fetch"> {
  /** A function, one recorded answer, several (one a call, the last one stays), or a real predictor. */
  readonly predictor?: TestAnswerer | readonly TestAnswerer[] | Predictor;
  /** What downloads give, by URL; every other URL is a 404. No network is used. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** @default silent */
  readonly log?: Logger;
}

/** An answer as the client gets it. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The body as JSON. @throws SyntaxError when it is none. */
  readonly json: unknown;
  /** Rows of the answer. @throws Error with the status and the message when the request failed. */
  readonly predictions: readonly JsonValue[];
  /** Columns of the answer. @throws Error with the status and the message when the request failed. */
  readonly outputs: readonly Tensor[];
}

export interface TestedTransformer {
  /** Sends a V1 body or a built request through decode, hooks and encode. */
  predict(request: V1Body | TestRequest): Promise<TestAnswer>;
  explain(body: V1Body): Promise<TestAnswer>;
  /** What the predictor was asked so far. */
  readonly sent: readonly InferRequest[];
  close(): Promise<void>;
}

/**
 * A transformer in memory: the true pipeline and the true codecs, no socket.
 *
 *     const clothing = testTransformer(ClothingTransformer, { predictor: { outputs: [logits] } });
 *     const answer = await clothing.predict({ instances: [{ url }] });
 */
export function testTransformer(
  transformer: TransformerSource,
  options: TestTransformerOptions = {},
): TestedTransformer {
  const { predictor, files, log = createLogger({ level: "silent" }), ...rest } = options;
  const sent: InferRequest[] = [];
  const server = createModelServer(transformer, {
    ...rest,
    log,
    predictor: predictor === undefined ? undefined : recordingPredictor(predictor, sent),
    fetch: createFileFetch(files ?? {}),
  });
  const loading = server.registry.load();
  const modelName = options.modelName ?? "model";

  async function send({ method, path, headers, body }: TestRequest): Promise<TestAnswer> {
    await loading;
    const response = await handleRequest(server, {
      method,
      path: path.replace("{model}", encodeURIComponent(modelName)),
      query: "",
      headers,
      body: [body],
      signal: new AbortController().signal,
    });
    if (response === undefined) throw new Error(`no such route: ${path}`);
    const protocol = path.startsWith("/v2") ? "v2" : "v1";
    const chunks = isStream(response.body) ? await collect(response.body) : response.body;
    return new ReceivedAnswer(protocol, response.status, response.headers as Record<string, string>, joinBytes(chunks));
  }

  return {
    predict: (request) => send(isTestRequest(request) ? request : v1Request(request)),
    explain: (body) => send(v1Request(body, { verb: "explain" })),
    sent,
    close: () => server.close(),
  };
}

class ReceivedAnswer implements TestAnswer {
  readonly #protocol: "v1" | "v2";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;

  constructor(protocol: "v1" | "v2", status: number, headers: Readonly<Record<string, string>>, body: Uint8Array) {
    this.#protocol = protocol;
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  get json(): unknown {
    return JSON.parse(new TextDecoder().decode(this.body));
  }

  get predictions(): readonly JsonValue[] {
    return this.#decode().predictions;
  }

  get outputs(): readonly Tensor[] {
    return this.#decode().outputs;
  }

  #decode(): InferResponse {
    if (this.status !== 200) throw new Error(`status ${this.status}: ${new TextDecoder().decode(this.body)}`);
    const message = { headers: this.headers, body: [this.body] };
    return selectCodec(this.#protocol).decodeResponse(message, { modelName: "model", limits: DEFAULT_LIMITS });
  }
}

function isTestRequest(request: V1Body | TestRequest): request is TestRequest {
  return "method" in request && "path" in request && request["body"] instanceof Uint8Array;
}

function isPredictor(value: object): value is Predictor {
  return "infer" in value && "metadata" in value;
}

function recordingPredictor(given: NonNullable<TestTransformerOptions["predictor"]>, sent: InferRequest[]): Predictor {
  const answers = Array.isArray(given) ? (given as readonly TestAnswerer[]) : undefined;
  const real = answers === undefined && isPredictor(given as object) ? (given as Predictor) : undefined;
  return {
    description: real?.description ?? "test",
    infer: async (request: InferRequest, options?: InferOptions) => {
      sent.push(request);
      if (real !== undefined) return real.infer(request, options);
      const answer =
        answers === undefined ? (given as TestAnswerer) : answers[Math.min(sent.length, answers.length) - 1];
      if (answer === undefined) throw new InferenceError("no recorded answer is left", { code: "internal" });
      const content = responseContentOf(typeof answer === "function" ? await answer(request) : answer);
      return new InferResponse({ modelName: request.modelName, content });
    },
    ready: async (options) => (real === undefined ? true : real.ready(options)),
    metadata: async (options) => real?.metadata(options),
    close: async () => real?.close(),
  };
}

/** Downloads from memory. `data:` URLs never come here: whoever loads files reads those itself. */
function createFileFetch(files: Readonly<Record<string, Uint8Array>>): GuardedFetch {
  return async (url) => {
    const body = files[url];
    if (body === undefined) {
      throw new InferenceError(
        `${url} answered 404; the test gives files for: ${Object.keys(files).join(", ") || "none"}`,
        {
          code: "invalid_argument",
        },
      );
    }
    return { url, status: 200, contentType: undefined, body };
  };
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}
