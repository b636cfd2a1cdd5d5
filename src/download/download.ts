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
 * One GET, redirects followed, its body read within the limit.
 * @throws InferenceError invalid_argument or payload_too_large; its message names no address.
 */
export async function download(first: URL, options: DownloadOptions): Promise<Download> {
  let url = first;
  for (let redirects = 0; ; redirects++) {
    try {
      const response = await request(url, url.origin === first.origin ? options.headers : undefined, options);
      const location = redirectTarget(response);
      if (location === undefined) return { ...(await readResult(url, response, options.maxBytes)), redirects };
      await response.body.dump();
      if (redirects === options.maxRedirects) {
        throw invalidArgument(`${formatUrl(first)}: more than ${options.maxRedirects} redirects`);
      }
      url = parseDownloadUrl(location, url.href);
    } catch (error) {
      throw describeFailure(error, url);
    }
  }
}

function request(
  url: URL,
  headers: DownloadOptions["headers"],
  { dispatcher, assertAllowed, signal }: DownloadOptions,
): Promise<Dispatcher.ResponseData> {
  assertAllowed(url);
  return dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: "GET",
    headers: { "user-agent": "kserve-transformer", accept: "*/*", ...headers },
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
    body: await readBody(body, maxBytes, formatUrl(url)),
    headers,
  };
}

function redirectTarget({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  const location = headers["location"];
  return [301, 302, 303, 307, 308].includes(statusCode) && typeof location === "string" ? location : undefined;
}

/** In the client's words, without addresses: it may not learn from here what its URLs resolve to. */
function describeFailure(error: unknown, url: URL): InferenceError {
  if (InferenceError.isInstance(error)) return error;
  if (error instanceof RefusedHostError) {
    return invalidArgument(`${formatUrl(url)}: its host is unknown or not on the public internet`, error);
  }
  return invalidArgument(`${formatUrl(url)}: could not be downloaded, the connection failed`, error);
}
