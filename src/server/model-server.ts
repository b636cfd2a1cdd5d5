import { combineListeners } from "../inference/combine-listeners.ts";
import type { ExchangeListener } from "../inference/exchange-listener.ts";
import type { GuardedFetch, Logger } from "../inference/request-context.ts";
import { WorkSlots } from "../inference/work-slots.ts";
import type { NonFiniteText } from "../tensor/number-text/create-element-writer.ts";
import { ThreadPool } from "../threads/thread-pool.ts";
import type { ExchangeEnvironment } from "../transformer/exchange-context.ts";
import type { ModelRegistry } from "../transformer/model-registry.ts";
import { Admission } from "./exchange/admission.ts";
import { type Authenticator, createAuthenticator } from "./exchange/authentication.ts";
import { createNonFiniteText } from "./exchange/non-finite.ts";
import { Readiness } from "./process/readiness.ts";
import type { ResolvedAppOptions } from "./serve-options.ts";

export interface ModelServerOptions extends ResolvedAppOptions {
  readonly registry: ModelRegistry;
  readonly log: Logger;
  readonly fetch: GuardedFetch;
  /** Ends the downloads that were not handed in; who hands a fetch in closes it. */
  readonly closeFetch?: (() => Promise<void>) | undefined;
}

/** For pictures on the event loop: more would only wait in memory for the one thread that resizes them. */
const WORK_SLOTS = 4;

/** What every front (HTTP, gRPC) shares: the models, whether they are ready, the settings, the listeners. */
export class ModelServer {
  readonly options: ModelServerOptions;
  readonly registry: ModelRegistry;
  readonly readiness: Readiness;
  readonly listeners: ExchangeListener | undefined;
  readonly admission: Admission;
  readonly #threads: ThreadPool;
  /** What every exchange shares. */
  readonly environment: ExchangeEnvironment;
  /** The JSON text for NaN and infinities in responses; undefined where they are an error. */
  readonly nonFinite: NonFiniteText | undefined;
  /** True when bytes may go through unread: nothing that the operator asked for needs a look at them. */
  readonly mayPassThrough: boolean;
  /** Undefined when everybody may ask. */
  readonly authenticator: Authenticator | undefined;

  constructor(options: ModelServerOptions) {
    this.options = options;
    this.registry = options.registry;
    this.readiness = new Readiness(options);
    this.authenticator = createAuthenticator(options.authentication);
    this.admission = new Admission(options);
    this.listeners = combineListeners(options.listeners);
    const { log, fetch, forwardHeaders, requestTimeoutMs } = options;
    this.nonFinite = createNonFiniteText(options.nonFinite, log);
    this.#threads = new ThreadPool(options.imageThreads);
    const slots = new WorkSlots(WORK_SLOTS);
    this.environment = {
      log,
      fetch,
      slots,
      threads: this.#threads,
      listeners: this.listeners,
      forwardHeaders,
      requestTimeoutMs,
    };
    const { checkRequests, checkRows, chaining, compressResponses } = options;
    const isGuarded = this.admission.isBounded || this.authenticator !== undefined;
    const isRead = checkRequests || checkRows || chaining || compressResponses;
    this.mayPassThrough = !isGuarded && !isRead && this.listeners?.payload === undefined;
  }

  /** Unloads the models, closes their predictors, and ends downloads and threads; models that still load have `timeoutMs` to end. */
  async close(timeoutMs?: number): Promise<void> {
    await this.registry.close(timeoutMs);
    await this.options.closeFetch?.();
    await this.#threads.close();
  }
}
