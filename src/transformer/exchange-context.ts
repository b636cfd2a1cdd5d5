import type { Exchange, ExchangeListener } from "../inference/exchange-listener.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import type { AskOptions, InferenceClient, InferOptions, Verb } from "../inference/inference-client.ts";
import type { ModelMetadata } from "../inference/model-metadata.ts";
import type { FetchOptions, FetchResult, GuardedFetch, Logger, RequestContext } from "../inference/request-context.ts";
import type { WorkSlots } from "../inference/work-slots.ts";
import type { Deadline } from "../policy/deadline.ts";

/** What the server knows of a request before its hooks run. */
export interface ExchangeOptions {
  readonly request: InferRequest;
  readonly verb: Verb;
  readonly protocol: string;
  readonly requestId: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly responseHeaders: Record<string, string>;
  /** Called at most once, and only when somebody waits on its signal: an AbortController is not free. */
  readonly deadline: () => Deadline;
  readonly log: Logger;
  readonly fetch: GuardedFetch;
  readonly slots: WorkSlots;
  readonly predictor: InferenceClient;
  /** Chosen from the client's headers by the forwarding rules. */
  readonly predictorHeaders: Readonly<Record<string, string>>;
  readonly listeners: ExchangeListener | undefined;
}

/**
 * The context of one request. What costs something (signal, child logger, bound predictor) is made when a hook asks for it.
 */
export class ExchangeContext implements RequestContext, Exchange {
  readonly request: InferRequest;
  readonly verb: Verb;
  readonly modelName: string;
  readonly protocol: string;
  readonly requestId: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly responseHeaders: Record<string, string>;
  readonly predictor: InferenceClient;
  /** What goes along with calls to the predictor. */
  readonly predictorHeaders: Readonly<Record<string, string>>;
  readonly fetch: GuardedFetch;
  readonly slots: WorkSlots;
  readonly listeners: ExchangeListener | undefined;
  state: unknown = undefined;
  readonly #options: ExchangeOptions;
  #deadline: Deadline | undefined;
  #log: Logger | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.request = options.request;
    this.verb = options.verb;
    this.modelName = options.request.modelName;
    this.protocol = options.protocol;
    this.requestId = options.requestId;
    this.requestHeaders = options.requestHeaders;
    this.responseHeaders = options.responseHeaders;
    this.slots = options.slots;
    this.listeners = options.listeners;
    this.predictorHeaders = options.predictorHeaders;
    this.predictor = new BoundPredictor(this, options.predictor);
    this.fetch = (url, fetchOptions) => this.#download(url, fetchOptions);
  }

  get signal(): AbortSignal {
    this.#deadline ??= this.#options.deadline();
    return this.#deadline.signal;
  }

  /** Ends what was opened for the request. */
  close(): void {
    this.#deadline?.close();
  }

  get log(): Logger {
    this.#log ??= this.#options.log.child({
      requestId: this.requestId,
      model: this.modelName,
      ...this.listeners?.logBindings?.(this),
    });
    return this.#log;
  }

  async #download(url: string, options: FetchOptions | undefined): Promise<FetchResult> {
    const started = performance.now();
    try {
      const result = await this.#options.fetch(url, { signal: this.signal, ...options });
      this.listeners?.downloaded?.(this, result.body.byteLength, performance.now() - started);
      return result;
    } catch (error) {
      this.listeners?.downloaded?.(this, 0, performance.now() - started, error);
      throw error;
    }
  }
}

/** The model's predictor with this request's signal and headers. */
class BoundPredictor implements InferenceClient {
  readonly #context: ExchangeContext;
  readonly #client: InferenceClient;

  constructor(context: ExchangeContext, client: InferenceClient) {
    this.#context = context;
    this.#client = client;
  }

  infer(request: InferRequest, options: InferOptions = {}): Promise<InferResponse> {
    const headers = { ...this.#context.predictorHeaders, ...options.headers };
    this.#context.listeners?.predictorHeaders?.(this.#context, headers);
    return this.#client.infer(request, { signal: this.#context.signal, ...options, headers });
  }

  ready(options: AskOptions = {}): Promise<boolean> {
    return this.#client.ready({ signal: this.#context.signal, modelName: this.#context.modelName, ...options });
  }

  metadata(options: AskOptions = {}): Promise<ModelMetadata | undefined> {
    return this.#client.metadata({ signal: this.#context.signal, modelName: this.#context.modelName, ...options });
  }
}
