import { createRequire } from "node:module";
import type { Dispatcher, Pool as UndiciPool } from "undici";
import type { ForwardHandle, ForwardHandler } from "../predictor.ts";
import { RetryBudget } from "../retry-budget.ts";
import { HttpCall, type HttpCallScope } from "./call.ts";

// Only this part of undici, which dispatches and no more, and by require: the whole costs a fifth of the start and 8 MB.
const Pool = createRequire(import.meta.url)("undici/lib/dispatcher/pool.js") as typeof UndiciPool;

export interface HttpTransportOptions {
  readonly origin: string;
  /** host:port, for the log. */
  readonly address: string;
  readonly connectTimeoutMs: number;
  /** 0 is none. */
  readonly headersTimeoutMs: number;
  /** 0 is none. */
  readonly bodyTimeoutMs: number;
  /** Largest number of connections; undefined is no bound. */
  readonly connections: number | undefined;
  readonly keepAliveTimeoutMs: number;
  /** Undefined is no bound. */
  readonly maxConnectionAgeMs: number | undefined;
  /** Undefined is no bound. */
  readonly maxConnectionRequests: number | undefined;
  readonly retries: number;
  readonly tls: TlsOptions;
}

/** PEM texts. */
export interface TlsOptions {
  /** Certificates to trust besides none other: those of the system do not count then. */
  readonly ca?: string | readonly string[] | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** One message to the predictor. */
export interface HttpMessage {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: readonly Uint8Array[];
  /** Overall, from the first try to the last byte. */
  readonly timeoutMs: number;
}

/** Connections to one predictor. */
export class HttpTransport implements HttpCallScope {
  readonly address: string;
  readonly retries: number;
  readonly budget: RetryBudget = new RetryBudget();
  readonly #options: HttpTransportOptions;
  readonly #closing: Set<Promise<void>> = new Set();
  readonly #recycling: NodeJS.Timeout | undefined;
  #pool: UndiciPool;
  #closed: Promise<void> | undefined;

  constructor(options: HttpTransportOptions) {
    this.#options = options;
    this.address = options.address;
    this.retries = options.retries;
    this.#pool = createPool(options);
    if (options.maxConnectionAgeMs !== undefined) {
      this.#recycling = setInterval(() => this.#recycle(), options.maxConnectionAgeMs).unref();
    }
  }

  get dispatcher(): Dispatcher {
    return this.#pool;
  }

  /** Starts a call; the handler hears of everything else. */
  send(message: HttpMessage, handler: ForwardHandler): ForwardHandle {
    this.budget.earn();
    const { method, path, headers } = message;
    const call = new HttpCall(
      this,
      { method, path, headers, body: joinSmall(message.body, headers) },
      handler,
      message.timeoutMs,
    );
    call.start();
    return call;
  }

  /** Waits for calls in flight. */
  close(): Promise<void> {
    clearInterval(this.#recycling);
    this.#closed ??= Promise.all([this.#pool.close(), ...this.#closing]).then(() => undefined);
    return this.#closed;
  }

  /** New connections for new calls, so that a service's new addresses are found; those in use end when they are done. */
  #recycle(): void {
    const old = this.#pool;
    this.#pool = createPool(this.#options);
    const closing = old.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** Up to here one copy costs less than a write for each chunk. */
const SMALL_BYTES = 64 * 1024;

/**
 * The body in the form that undici writes best: one chunk as it is, several small ones joined, large ones one by one. Their
 * length is added to the headers then, or the body would go out chunked.
 */
function joinSmall(chunks: readonly Uint8Array[], headers: Record<string, string>): Uint8Array | null {
  const [first] = chunks;
  if (first === undefined) return null;
  if (chunks.length === 1) return first;
  let length = 0;
  for (const chunk of chunks) length += chunk.byteLength;
  if (length <= SMALL_BYTES) return Buffer.concat(chunks, length);
  headers["content-length"] = String(length);
  // undici takes any iterable of chunks; its types know streams only.
  return chunks as unknown as Uint8Array;
}

function createPool(options: HttpTransportOptions): UndiciPool {
  const { ca, cert, key } = options.tls;
  return new Pool(options.origin, {
    connections: options.connections ?? null,
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.bodyTimeoutMs,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    ...(options.maxConnectionRequests === undefined ? {} : { maxRequestsPerClient: options.maxConnectionRequests }),
    connect: {
      timeout: options.connectTimeoutMs,
      ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
  });
}
