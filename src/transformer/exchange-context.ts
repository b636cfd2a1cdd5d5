import type { Exchange, ExchangeListener } from "../inference/exchange-listener.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import type {
  AskOptions,
  Batch,
  CacheOutcome,
  InferenceClient,
  InferListener,
  InferOptions,
  PredictorMessage,
  Verb,
} from "../inference/inference-client.ts";
import type { ModelMetadata } from "../inference/model-metadata.ts";
import type { FetchOptions, FetchResult, GuardedFetch, Logger, RequestContext } from "../inference/request-context.ts";
import type { Threads } from "../inference/threads.ts";
import type { WorkSlots } from "../inference/work-slots.ts";
import { composeDeadline, type Deadline, type OnLeave } from "../policy/deadline.ts";
import { selectForwardHeaders } from "../policy/forward-headers.ts";

/** What a front knows of a request besides its body. */
export interface IncomingRequest {
  readonly modelName: string;
  readonly modelVersion: string | undefined;
  readonly verb: Verb;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** Aborted when the client leaves; made when first read. */
  readonly signal: AbortSignal;
  /** The same without a signal. */
  readonly onLeave?: OnLeave | undefined;
}

/** What all requests of a server share. */
export interface ExchangeEnvironment {
  readonly log: Logger;
  readonly fetch: GuardedFetch;
  readonly slots: WorkSlots;
  readonly threads: Threads;
  readonly listeners: ExchangeListener | undefined;
  /** Names of the client's headers that go along with calls to the predictor. */
  readonly forwardHeaders: readonly string[];
  /** Overall time of one request; a client's shorter deadline wins. 0 is none. */
  readonly requestTimeoutMs: number;
}

/**
 * The context of one request. What costs something (signal, child logger, bound predictor) is made when a hook asks for it.
 */
export class ExchangeContext implements RequestContext, Exchange, InferListener {
  readonly incoming: IncomingRequest;
  readonly request: InferRequest;
  readonly protocol: string;
  readonly predictor: InferenceClient;
  /** What goes along with calls to the predictor. */
  readonly predictorHeaders: Readonly<Record<string, string>>;
  readonly responseHeaders: Record<string, string> = {};
  readonly fetch: GuardedFetch;
  state: unknown = undefined;
  readonly #environment: ExchangeEnvironment;
  #deadline: Deadline | undefined;
  #log: Logger | undefined;

  constructor(
    environment: ExchangeEnvironment,
    incoming: IncomingRequest,
    { request, protocol, client }: Pick<ExchangeContext, "request" | "protocol"> & { readonly client: InferenceClient },
  ) {
    this.#environment = environment;
    this.incoming = incoming;
    this.request = request;
    this.protocol = protocol;
    const forwarded = selectForwardHeaders(incoming.headers, environment.forwardHeaders);
    this.predictorHeaders = { ...forwarded, "x-request-id": incoming.requestId };
    this.predictor = new BoundPredictor(this, client);
    this.fetch = (url, fetchOptions) => this.#download(url, fetchOptions);
  }

  get verb(): Verb {
    return this.incoming.verb;
  }

  get modelName(): string {
    return this.request.modelName;
  }

  get requestId(): string {
    return this.incoming.requestId;
  }

  get requestHeaders(): Readonly<Record<string, string>> {
    return this.incoming.headers;
  }

  get slots(): WorkSlots {
    return this.#environment.slots;
  }

  get threads(): Threads {
    return this.#environment.threads;
  }

  runInWorker<Result>(
    module: URL | string,
    input: unknown,
    options: { readonly transfer?: readonly ArrayBuffer[] } = {},
  ): Promise<Result> {
    return this.threads.run(module, input, { signal: this.signal, ...options });
  }

  get listeners(): ExchangeListener | undefined {
    return this.#environment.listeners;
  }

  get signal(): AbortSignal {
    this.#deadline ??= this.#composeDeadline();
    return this.#deadline.signal;
  }

  /** Ends what was opened for the request. */
  close(): void {
    this.#deadline?.close();
  }

  get log(): Logger {
    this.#log ??= this.#environment.log.child({
      requestId: this.requestId,
      model: this.modelName,
      ...this.listeners?.logBindings?.(this),
    });
    return this.#log;
  }

  batchJoined(batch: Batch, waitedMs: number): void {
    this.listeners?.batchJoined?.(this, batch, waitedMs);
  }

  cacheLookedUp(outcome: CacheOutcome, milliseconds: number): void {
    this.listeners?.cacheLookedUp?.(this, outcome, milliseconds);
  }

  #composeDeadline(): Deadline {
    const { incoming } = this;
    const { requestTimeoutMs } = this.#environment;
    return composeDeadline(incoming.onLeave ?? incoming.signal, incoming.headers, requestTimeoutMs);
  }

  async #download(url: string, options: FetchOptions | undefined): Promise<FetchResult> {
    const started = performance.now();
    try {
      const result = await this.#environment.fetch(url, { signal: this.signal, ...options });
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
    const { listeners } = this.#context;
    listeners?.predictorHeaders?.(this.#context, headers);
    const observe =
      listeners?.observed &&
      ((value: PredictorMessage) => listeners.observed?.(this.#context, { of: "predictor", value }));
    const listener = this.#context;
    return this.#client.infer(request, { signal: this.#context.signal, observe, listener, ...options, headers });
  }

  ready(options: AskOptions = {}): Promise<boolean> {
    return this.#client.ready({ signal: this.#context.signal, modelName: this.#context.modelName, ...options });
  }

  metadata(options: AskOptions = {}): Promise<ModelMetadata | undefined> {
    return this.#client.metadata({ signal: this.#context.signal, modelName: this.#context.modelName, ...options });
  }
}
