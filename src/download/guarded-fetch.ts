import { createRequire } from "node:module";
import type { Dispatcher } from "undici";
import { InferenceError, invalidArgument } from "../errors.ts";
import type { FetchOptions, FetchResult, GuardedFetch } from "../inference/request-context.ts";
import { createAddressGuard } from "./address-guard.ts";
import { type Download, download } from "./download.ts";
import { createDownloadCache } from "./download-cache.ts";
import { formatUrl, parseDownloadUrl } from "./download-url.ts";
import {
  createGuardedConnector,
  isRefusedLiteral,
  RefusedHostError,
  type ResolveHost,
  resolveHost,
} from "./guarded-connector.ts";
import { tooLarge } from "./read-body.ts";

export interface GuardedFetchOptions {
  /** Hosts, addresses and CIDRs that may be reached beside the public internet. @default [] */
  readonly allow?: readonly string[];
  /** Largest body. @default 20971520 (20 MiB) */
  readonly maxBytes?: number;
  /** Whole download, connect to last byte, redirects included. @default 10000 */
  readonly timeoutMs?: number;
  /** @default 5 */
  readonly maxRedirects?: number;
  /** Connections to one host and port at a time; further downloads wait. @default 8 */
  readonly connectionsPerHost?: number;
  /** URL of an HTTP proxy. It resolves names itself, so that only literal addresses are guarded here. */
  readonly proxy?: string;
  /** Keeps answers as their Cache-Control allows, up to so many bytes. @default 0: nothing is kept */
  readonly cacheBytes?: number;
  /** @default the operating system's resolver */
  readonly resolve?: ResolveHost;
}

/**
 * Downloads for a server whose clients say what to download. Every address is checked when it is connected to, redirects
 * included; sizes are checked before and while reading. A response of any status but a redirect is given back.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch & { close(): Promise<void> } {
  const { maxBytes = 20 * 1024 * 1024, timeoutMs = 10_000, maxRedirects = 5, connectionsPerHost = 8, proxy } = options;
  const guard = createAddressGuard(options.allow ?? []);
  const cache = options.cacheBytes ? createDownloadCache(options.cacheBytes) : undefined;
  let agents: Agents | undefined;

  /** By require at the first download: who never downloads does not pay for undici at the start. */
  function openAgents(): Agents {
    const { Agent, ProxyAgent } = createRequire(import.meta.url)("undici") as typeof import("undici");
    // The deadline below bounds a download as a whole.
    const pool = { connections: connectionsPerHost, headersTimeout: 0, bodyTimeout: 0 };
    const connect = createGuardedConnector(guard, options.resolve ?? resolveHost);
    // Two pools: a kept connection that was opened as trusted must never serve a URL that came in a request.
    const guarded = proxy === undefined ? new Agent({ ...pool, connect }) : new ProxyAgent({ ...pool, uri: proxy });
    return { guarded, trusted: proxy === undefined ? new Agent(pool) : guarded };
  }

  function assertAllowed(url: URL): void {
    if (isRefusedLiteral(guard, url.hostname)) throw new RefusedHostError(url.hostname);
  }

  async function cached(url: URL, fetchOptions: FetchOptions, signal: AbortSignal): Promise<FetchResult> {
    const limit = fetchOptions.maxBytes ?? maxBytes;
    const isTrusted = fetchOptions.trusted === true;
    const { headers, body } = fetchOptions;
    const { method = body === undefined ? "GET" : "POST" } = fetchOptions;
    if (method === "GET" && body !== undefined) throw new InferenceError("fetch: a GET has no body");
    const key =
      headers === undefined && method === "GET" ? `${isTrusted ? "trusted" : "guarded"} ${url.href}` : undefined;
    const kept = key === undefined ? undefined : cache?.get(key);
    if (kept !== undefined) {
      if (kept.body.byteLength > limit) throw tooLarge(formatUrl(url), limit);
      return kept;
    }
    agents ??= openAgents();
    const dispatcher = isTrusted ? agents.trusted : agents.guarded;
    const found = await download(url, {
      dispatcher,
      maxBytes: limit,
      maxRedirects,
      signal,
      method,
      headers,
      body,
      assertAllowed: isTrusted ? () => undefined : assertAllowed,
    });
    const result = resultOf(found);
    // Whether a redirect may be kept is another question than whether its target may.
    if (key !== undefined && found.redirects === 0) cache?.put(key, result, found.headers);
    return result;
  }

  async function guardedFetch(text: string, fetchOptions: FetchOptions = {}): Promise<FetchResult> {
    const url = parseDownloadUrl(text);
    const limitMs = fetchOptions.timeoutMs ?? timeoutMs;
    const { signal } = fetchOptions;
    if (signal?.aborted) throw cancelled(signal);
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), limitMs);
    try {
      return await cached(url, fetchOptions, signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal);
    } catch (error) {
      if (signal?.aborted) throw cancelled(signal);
      if (!deadline.signal.aborted) throw error;
      throw invalidArgument(`${formatUrl(url)}: not downloaded within ${limitMs} ms`, error);
    } finally {
      clearTimeout(timer);
    }
  }

  const close = async (): Promise<void> => {
    await Promise.all([agents?.guarded.destroy(), agents?.trusted.destroy()]);
  };
  return Object.assign(guardedFetch, { close });
}

interface Agents {
  readonly guarded: Dispatcher;
  readonly trusted: Dispatcher;
}

function resultOf({ url, status, contentType, body }: Download): FetchResult {
  return { url, status, contentType, body };
}

function cancelled({ reason }: AbortSignal): InferenceError {
  return InferenceError.isInstance(reason)
    ? reason
    : new InferenceError("cancelled", { code: "cancelled", cause: reason });
}
