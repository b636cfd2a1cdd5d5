import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { InferenceError, invalidArgument } from "../errors.ts";
import type { FetchOptions, FetchResult, GuardedFetch } from "../inference/request-context.ts";
import { createAddressGuard } from "./address-guard.ts";
import { formatUrl, parseDownloadUrl } from "./download-url.ts";
import {
  createGuardedConnector,
  isRefusedLiteral,
  RefusedHostError,
  type ResolveHost,
  resolveHost,
} from "./guarded-connector.ts";
import { readBody, tooLarge } from "./read-body.ts";

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
  /** @default the operating system's resolver */
  readonly resolve?: ResolveHost;
}

/** One step of a download: the answer to one request, before its body is read. */
interface Step {
  readonly url: URL;
  readonly response: Dispatcher.ResponseData;
}

/**
 * Downloads for a server whose clients say what to download. Every address is checked when it is connected to, redirects
 * included; sizes are checked before and while reading. Answers of any status but a redirect are given back.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch & { close(): Promise<void> } {
  const { maxBytes = 20 * 1024 * 1024, timeoutMs = 10_000, maxRedirects = 5, connectionsPerHost = 8 } = options;
  const { proxy } = options;
  const guard = createAddressGuard(options.allow ?? []);
  const shared = { connections: connectionsPerHost, headersTimeout: 0, bodyTimeout: 0 };
  const connect = createGuardedConnector(guard, options.resolve ?? resolveHost);
  // Two pools: a kept connection that was opened as trusted must never serve a URL that came in a request.
  const guarded = proxy === undefined ? new Agent({ ...shared, connect }) : new ProxyAgent({ ...shared, uri: proxy });
  const trusted = proxy === undefined ? new Agent(shared) : guarded;

  async function step(
    url: URL,
    headers: FetchOptions["headers"],
    isTrusted: boolean,
    signal: AbortSignal,
  ): Promise<Step> {
    if (proxy !== undefined && !isTrusted && isRefusedLiteral(guard, url.hostname))
      throw new RefusedHostError(url.hostname);
    const dispatcher = isTrusted ? trusted : guarded;
    const response = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: "GET",
      headers: { "user-agent": "kserve-transformer", accept: "*/*", ...headers },
      signal,
    });
    return { url, response };
  }

  async function download(text: string, fetchOptions: FetchOptions, signal: AbortSignal): Promise<FetchResult> {
    const limit = fetchOptions.maxBytes ?? maxBytes;
    const first = parseDownloadUrl(text);
    let url = first;
    for (let redirects = 0; ; redirects++) {
      // What the caller sends was meant for the first host alone.
      const headers = url.origin === first.origin ? fetchOptions.headers : undefined;
      const { response } = await step(url, headers, fetchOptions.trusted === true, signal).catch((error: unknown) => {
        throw describeFailure(error, url);
      });
      const location = redirectTarget(response);
      if (location === undefined) return finish(url, response, limit);
      await response.body.dump();
      if (redirects === maxRedirects) throw invalidArgument(`${formatUrl(first)}: more than ${maxRedirects} redirects`);
      url = parseDownloadUrl(location, url.href);
    }
  }

  async function guardedFetch(url: string, fetchOptions: FetchOptions = {}): Promise<FetchResult> {
    const limitMs = fetchOptions.timeoutMs ?? timeoutMs;
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), limitMs);
    const { signal } = fetchOptions;
    try {
      return await download(
        url,
        fetchOptions,
        signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
      );
    } catch (error) {
      if (signal?.aborted) throw cancelled(signal);
      if (!controller.signal.aborted) throw error;
      throw invalidArgument(`${formatUrl(parseDownloadUrl(url))}: not downloaded within ${limitMs} ms`, error);
    } finally {
      clearTimeout(timer);
    }
  }

  const close = async (): Promise<void> => {
    await Promise.all([guarded.destroy(), trusted.destroy()]);
  };
  return Object.assign(guardedFetch, { close });
}

async function finish(url: URL, response: Dispatcher.ResponseData, maxBytes: number): Promise<FetchResult> {
  const what = formatUrl(url);
  if (Number(response.headers["content-length"]) > maxBytes) {
    response.body.destroy();
    throw tooLarge(what, maxBytes);
  }
  try {
    const body = await readBody(response.body, maxBytes, what);
    const type = response.headers["content-type"];
    return {
      url: url.href,
      status: response.statusCode,
      contentType: typeof type === "string" ? type : type?.[0],
      body,
    };
  } catch (error) {
    throw describeFailure(error, url);
  }
}

function redirectTarget({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  const location = headers["location"];
  return [301, 302, 303, 307, 308].includes(statusCode) && typeof location === "string" ? location : undefined;
}

function cancelled(signal: AbortSignal): InferenceError {
  const { reason } = signal;
  return InferenceError.isInstance(reason)
    ? reason
    : new InferenceError("cancelled", { code: "cancelled", cause: reason });
}

/** In the client's words, without addresses: it may not learn from here what its URLs resolve to. */
function describeFailure(error: unknown, url: URL): InferenceError {
  if (InferenceError.isInstance(error)) return error;
  const what = formatUrl(url);
  if (error instanceof RefusedHostError) {
    return invalidArgument(`${what}: its host is unknown or not on the public internet`, error);
  }
  return invalidArgument(`${what}: could not be downloaded, the connection failed`, error);
}
