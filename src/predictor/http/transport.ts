import { createRequire } from "node:module";
import type { Client, Dispatcher, Pool } from "undici";
import type { PiecedBody } from "../../inference/content.ts";
import type { ForwardHandle, ForwardHandler, StreamedBody } from "../predictor.ts";
import { RetryBudget } from "../retry-budget.ts";
import { HttpCall, type HttpCallScope } from "./call.ts";
import { type CallOptions, createConnectionClient, type Undici } from "./connection.ts";

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
  readonly refreshIntervalMs: number | undefined;
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
  readonly body: readonly Uint8Array[] | PiecedBody;
  /** In place of `body`. */
  readonly stream?: StreamedBody | undefined;
  /** Overall, from the first try to the last byte; from the last byte of a stream. */
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
  #undici: Undici | undefined;
  #clientOptions: Client.Options | undefined;
  /** From the first call on. */
  #pool: Pool | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: HttpTransportOptions) {
    this.address = options.address;
    this.retries = options.retries;
    this.#options = options;
    if (options.refreshIntervalMs !== undefined) {
      this.#recycling = setInterval(() => this.#recycle(), options.refreshIntervalMs).unref();
    }
  }

  /** Starts a call; the handler hears of everything else. */
  send(message: HttpMessage, handler: ForwardHandler): ForwardHandle {
    this.budget.earn();
    const { method, path, headers, stream, timeoutMs } = message;
    if (stream !== undefined) headers["content-length"] = String(stream.byteLength);
    const body = stream === undefined ? joinSmall(message.body, headers) : null;
    const call = new HttpCall(this, { method, path, headers, body }, handler, timeoutMs, stream);
    call.start();
    return call;
  }

  /** Through the pool. */
  dispatch(options: CallOptions, handler: Dispatcher.DispatchHandler): void {
    this.#pool ??= this.#createPool();
    this.#pool.dispatch(options, handler);
  }

  /** Over a connection that carries nothing before and nothing after. */
  dispatchFresh(options: CallOptions, handler: Dispatcher.DispatchHandler): void {
    const client = this.#createClient(this.#options.origin);
    client.dispatch(options, handler);
    this.#closeLater(client);
  }

  /** Waits for calls in flight. */
  close(): Promise<void> {
    clearInterval(this.#recycling);
    this.#closed ??= Promise.all([this.#pool?.close(), ...this.#closing]).then(() => undefined);
    return this.#closed;
  }

  /** New connections for new calls, so that a service's new addresses are found; those in use end when they are done. */
  #recycle(): void {
    const old = this.#pool;
    this.#pool = undefined;
    if (old !== undefined) this.#closeLater(old);
  }

  #createPool(): Pool {
    this.#undici ??= loadUndici();
    return new this.#undici.Pool(this.#options.origin, {
      connections: this.#options.connections ?? null,
      factory: (origin) => this.#createClient(origin),
    });
  }

  #createClient(origin: string | URL): Client {
    this.#undici ??= loadUndici();
    this.#clientOptions ??= toClientOptions(this.#undici, this.#options);
    return createConnectionClient(this.#undici, origin, this.#clientOptions);
  }

  #closeLater(dispatcher: Dispatcher): void {
    const closing = dispatcher.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** Up to here one copy costs less than a write for each chunk. */
const SMALL_BYTES = 64 * 1024;

/**
 * The body in the form that undici writes best: one chunk as it is, several small ones joined, large ones one by one. Their
 * length is added to the headers then, or the body would go out chunked.
 */
function joinSmall(chunks: HttpMessage["body"], headers: Record<string, string>): Uint8Array | null {
  if ("whole" in chunks) return announced(chunks, chunks.byteLength, headers);
  const [first] = chunks;
  if (first === undefined) return null;
  if (chunks.length === 1) return first;
  let length = 0;
  for (const chunk of chunks) length += chunk.byteLength;
  if (length <= SMALL_BYTES) return Buffer.concat(chunks, length);
  return announced(chunks, length, headers);
}

function announced(chunks: Iterable<Uint8Array>, byteLength: number, headers: Record<string, string>): Uint8Array {
  headers["content-length"] = String(byteLength);
  // undici takes any iterable of chunks, and waits for the socket behind a long one; its types know streams only.
  return chunks as unknown as Uint8Array;
}

function toClientOptions({ buildConnector }: Undici, options: HttpTransportOptions): Client.Options {
  const { ca, cert, key } = options.tls;
  return {
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.bodyTimeoutMs,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    connect: buildConnector({
      timeout: options.connectTimeoutMs,
      ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    }),
  };
}

/**
 * By require, with the first call, which waits for it: a service that nobody asks takes less. The entry loads fetch, WebSocket and caches as
 * well, which takes 108 ms and 19.4 MB where the three take 38 ms and 11.2 MB (medians of 15, Node 20, two shared cores); entries of
 * their own for Client and Pool would do away with the rest.
 */
function loadUndici(): Undici {
  return createRequire(import.meta.url)("undici") as Undici;
}
