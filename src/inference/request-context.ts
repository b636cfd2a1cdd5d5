import type { InferRequest } from "./infer-request.ts";
import type { InferenceClient, Verb } from "./inference-client.ts";
import type { Threads } from "./threads.ts";
import type { WorkSlots } from "./work-slots.ts";

/** The methods of a pino logger that hooks use; any logger with them will do. */
export interface Logger {
  trace(details: object, message?: string): void;
  debug(details: object, message?: string): void;
  info(details: object, message?: string): void;
  warn(details: object, message?: string): void;
  error(details: object, message?: string): void;
  child(bindings: Record<string, unknown>): Logger;
}

export interface FetchOptions {
  /** `context.fetch` sets the request's own. */
  readonly signal?: AbortSignal;
  /** Largest body in bytes. */
  readonly maxBytes?: number;
  /** Whole download, connect to last byte. */
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default "GET", with a `body` "POST" */
  readonly method?: "GET" | "POST";
  /** Of a POST; its content type is a header. A redirect never takes it to another origin. */
  readonly body?: Uint8Array | string;
  /** True for the operator's own URLs: addresses are not guarded. Never for a URL that came in a request. */
  readonly trusted?: boolean;
}

export interface FetchResult {
  readonly url: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/**
 * A guarded download: user-given URLs never reach a private address unless the operator listed it.
 * @throws InferenceError invalid_argument for a refused or unreachable URL, payload_too_large beyond the limit.
 */
export type GuardedFetch = (url: string, options?: FetchOptions) => Promise<FetchResult>;

/** What every hook gets beside its value: one object for one request. */
export interface RequestContext<State = unknown> {
  /** The client's request, decoded lazily. */
  readonly request: InferRequest;
  readonly verb: Verb;
  readonly modelName: string;
  readonly requestId: string;
  /** Lower-case names; a header sent twice is joined by ", ". */
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** Sent with the response; hop-by-hop names are dropped. */
  readonly responseHeaders: Record<string, string>;
  /** Aborted when the client leaves or the deadline passes. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** What `createState` made for this request; the place for what hooks share. */
  readonly state: State;
  readonly predictor: InferenceClient;
  readonly fetch: GuardedFetch;
  /** The server's, shared by all requests: work that holds much memory runs in one of them, for example decoded pictures. */
  readonly slots?: WorkSlots;
  /** The server's threads, where it has any; `loadImages` and `runInWorker` use them. */
  readonly threads?: Threads;
  /**
   * Work that burns CPU, in a thread, so that other requests go on meanwhile: calls the default export of a module,
   * `new URL("./features.ts", import.meta.url)`, with a structured clone of `input`. Buffers named in `transfer` are handed
   * over and are empty here afterwards; typed arrays of the result are handed back without a copy. When the signal aborts,
   * the thread is ended.
   * @throws what the module threw: an InferenceError with its code, everything else as an Error.
   */
  runInWorker<Result>(
    module: URL | string,
    input: unknown,
    options?: { readonly transfer?: readonly ArrayBuffer[] },
  ): Promise<Result>;
}
