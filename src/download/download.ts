import { isUtf8 } from "node:buffer";
import type { Dispatcher } from "undici";
import { InferenceError, invalidArgument } from "../errors.ts";
import type { FetchResult } from "../inference/request-context.ts";
import { formatUrl, parseDownloadUrl } from "./download-url.ts";
import { RefusedHostError } from "./guarded-connector.ts";
import { readBody, tooLarge } from "./read-body.ts";

export interface DownloadOptions {
  readonly dispatcher: Dispatcher;
  readonly maxBytes: number;
  readonly maxRedirects: number;
  readonly signal: AbortSignal;
  readonly method: "GET" | "POST";
  /** Sent again where a redirect keeps the method (307, 308); never to another origin. */
  readonly body: Uint8Array | string | undefined;
  /** Sent to the first URL's origin alone. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Called with each URL before it is asked for. @throws RefusedHostError */
  readonly assertAllowed: (url: URL) => void;
}

/** What was downloaded, and what a cache asks about it. */
export interface Download extends FetchResult {
  readonly headers: Dispatcher.ResponseData["headers"];
  readonly redirects: number;
}

/**
 * One request, redirects followed, the body of its response read within the limit.
 * @throws InferenceError invalid_argument or payload_too_large; its message names no address.
 */
export async function download(first: URL, options: DownloadOptions): Promise<Download> {
  let url = first;
  let { method } = options;
  for (let redirects = 0; ; redirects++) {
    try {
      const isOwn = url.origin === first.origin;
      const response = await request(url, {
        ...options,
        method,
        headers: isOwn ? options.headers : undefined,
        body: method === "POST" ? options.body : undefined,
      });
      const location = redirectTarget(response);
      if (location === undefined) return { ...(await readResult(url, response, options.maxBytes)), redirects };
      await response.body.dump();
      if (redirects === options.maxRedirects) {
        throw invalidArgument(`${formatUrl(first)}: more than ${options.maxRedirects} redirects`);
      }
      url = parseDownloadUrl(location, url.href);
      // As browsers and Python's requests do (RFC 9110 §15.4): only 307 and 308 keep a POST.
      if (response.statusCode !== 307 && response.statusCode !== 308) method = "GET";
      if (method === "POST" && url.origin !== first.origin) {
        throw invalidArgument(`${formatUrl(first)}: its redirect would send the body to another origin`);
      }
    } catch (error) {
      throw describeFailure(error, url);
    }
  }
}

function request(
  url: URL,
  { dispatcher, assertAllowed, signal, method, headers, body }: DownloadOptions,
): Promise<Dispatcher.ResponseData> {
  assertAllowed(url);
  return dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: { "user-agent": "kserve-transformer", accept: "*/*", ...headers },
    body: body ?? null,
    signal,
  });
}

async function readResult(
  url: URL,
  { statusCode, headers, body }: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<Omit<Download, "redirects">> {
  if (Number(headers["content-length"]) > maxBytes) {
    // The failure that destroying the stream reports is the one thrown here.
    body.on("error", () => undefined).destroy();
    throw tooLarge(formatUrl(url), maxBytes);
  }
  const type = headers["content-type"];
  return {
    url: url.href,
    status: statusCode,
    contentType: typeof type === "string" ? type : type?.[0],
    body: await readBody(body, String(headers["content-encoding"] ?? ""), maxBytes, formatUrl(url)),
    headers,
  };
}

function redirectTarget({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  const location = headers["location"];
  if (![301, 302, 303, 307, 308].includes(statusCode) || typeof location !== "string") return undefined;
  // Header values are bytes; servers write paths in UTF-8, though they should escape them.
  const bytes = Buffer.from(location, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : location;
}

/** In the client's words, without addresses: it may not learn from here what its URLs resolve to. */
function describeFailure(error: unknown, url: URL): InferenceError {
  if (InferenceError.isInstance(error)) return error;
  if (error instanceof RefusedHostError) {
    return invalidArgument(`${formatUrl(url)}: its host is unknown or not on the public internet`, error);
  }
  return invalidArgument(`${formatUrl(url)}: could not be downloaded, the connection failed`, error);
}
