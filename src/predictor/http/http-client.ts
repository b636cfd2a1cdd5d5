import type { PiecedBody } from "../../inference/content.ts";

/** One call of an HTTP client: everything is decided, nothing is left to the client's defaults. */
export interface HttpClientRequest {
  readonly method: "GET" | "POST";
  /** `http://host:port`; undefined where no host was given: the client has a base URL of its own. */
  readonly origin: string | undefined;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Chunks in order; empty for none. Made when first read where there are pieces. */
  readonly body: readonly Uint8Array[];
  /** The same bytes, made while they are sent: a client that iterates them, each try anew, does not hold them all. */
  readonly pieces?: PiecedBody | undefined;
  /** Overall, from the first try to the last byte. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly signal: AbortSignal | undefined;
}

export interface HttpClientResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
}

/**
 * What carries a predictor's calls. The default is undici's pool; `fromAxios` makes one of an axios instance.
 */
export interface HttpClient {
  /** Where calls without an origin go, for the log. */
  readonly baseUrl?: string | undefined;
  /**
   * Resolves with every status that the predictor answers, redirects included.
   * @throws InferenceError when there is no response: unavailable, deadline_exceeded, bad_gateway, cancelled.
   */
  request(request: HttpClientRequest): Promise<HttpClientResponse>;
  close?(): Promise<void>;
}
