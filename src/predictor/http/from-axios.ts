import { InferenceError } from "../../errors.ts";
import { composeDeadline } from "../../policy/deadline.ts";
import { predictorError, transportError } from "../predictor-failure.ts";
import type { HttpClient, HttpClientRequest, HttpClientResponse } from "./http-client.ts";
import { responseTooLarge } from "./response-collector.ts";

/** What is used of an axios instance; axios itself is never imported. */
export interface AxiosLike {
  readonly defaults: { readonly baseURL?: string | undefined };
  request(config: AxiosLikeConfig): Promise<AxiosLikeResponse>;
}

export interface AxiosLikeConfig {
  method: string;
  url: string;
  headers: Record<string, string>;
  data?: unknown;
  signal: AbortSignal;
  responseType: "arraybuffer";
  maxRedirects: number;
  maxContentLength: number;
  maxBodyLength: number;
  validateStatus: () => boolean;
  transformRequest: (data: unknown) => unknown;
  transformResponse: (data: unknown) => unknown;
}

export interface AxiosLikeResponse {
  status: number;
  headers: unknown;
  data: unknown;
}

/**
 * An HTTP client out of an axios instance, for those who have one with interceptors, a proxy or an agent of its own:
 * `createHttpPredictor({ httpClient: fromAxios(instance) })`. The instance's base URL counts where no host is given. Bodies
 * stay bytes, redirects are not followed, statuses are answers; an interceptor that rejects with a `response` answers with it.
 */
export function fromAxios(instance: AxiosLike): HttpClient {
  return {
    get baseUrl() {
      return instance.defaults.baseURL;
    },
    request: (request) => send(instance, request),
  };
}

async function send(instance: AxiosLike, request: HttpClientRequest): Promise<HttpClientResponse> {
  const address = request.origin ?? String(instance.defaults.baseURL);
  const deadline = composeDeadline(request.signal, {}, request.timeoutMs);
  try {
    if (deadline.signal.aborted) throw deadline.signal.reason;
    return toResponse(await instance.request(toConfig(request, deadline.signal)), request, address);
  } catch (error) {
    if (deadline.signal.aborted) throw deadline.signal.reason;
    const response = typeof error === "object" && error !== null ? Reflect.get(error, "response") : undefined;
    if (isResponse(response)) return toResponse(response, request, address);
    throw toError(error, request, address);
  } finally {
    deadline.close();
  }
}

function toConfig(request: HttpClientRequest, signal: AbortSignal): AxiosLikeConfig {
  return {
    method: request.method,
    url: `${request.origin ?? ""}${request.path}`,
    headers: { ...request.headers },
    // A Buffer, since of other views axios would send the whole memory that they look at.
    ...(request.method === "POST" ? { data: Buffer.concat(request.body) } : {}),
    signal,
    responseType: "arraybuffer",
    maxRedirects: 0,
    maxContentLength: request.maxResponseBytes,
    maxBodyLength: Number.POSITIVE_INFINITY,
    validateStatus: () => true,
    transformRequest: (data) => data,
    transformResponse: (data) => data,
  };
}

/** True for a whole response; axios also hangs one without data on errors of its own. */
function isResponse(value: unknown): value is AxiosLikeResponse {
  if (typeof value !== "object" || value === null || typeof Reflect.get(value, "status") !== "number") return false;
  const data: unknown = Reflect.get(value, "data");
  return data !== undefined && data !== null;
}

function toResponse(
  { status, headers, data }: AxiosLikeResponse,
  { maxResponseBytes }: HttpClientRequest,
  address: string,
): HttpClientResponse {
  const bytes = toBytes(data, address);
  if (bytes.byteLength > maxResponseBytes) throw responseTooLarge(address, maxResponseBytes);
  return { status, headers: toHeaders(headers), body: bytes.byteLength === 0 ? [] : [bytes] };
}

function toBytes(data: unknown, address: string): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (typeof data === "string") return Buffer.from(data);
  if (data === undefined || data === null) return new Uint8Array(0);
  const detail = `predictor ${address}: axios gave a body of type ${typeof data}; an interceptor replaced the bytes`;
  throw new InferenceError("internal error", { cause: new Error(detail) });
}

function toHeaders(headers: unknown): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries((headers ?? {}) as Record<string, unknown>)) {
    if (typeof value === "string" || typeof value === "number") plain[name.toLowerCase()] = String(value);
    else if (Array.isArray(value)) plain[name.toLowerCase()] = value.join(", ");
  }
  return plain;
}

/** Errors of axios by the common table, without axios's own object: it carries the request's headers, which no log may have. */
function toError(error: unknown, { maxResponseBytes }: HttpClientRequest, address: string): unknown {
  if (!(error instanceof Error) || Reflect.get(error, "isAxiosError") !== true) return error;
  const { message } = error;
  const code: unknown = Reflect.get(error, "code");
  if (message.startsWith("maxContentLength")) return responseTooLarge(address, maxResponseBytes);
  if (code === "ECONNABORTED" || code === "ETIMEDOUT") {
    return predictorError("timeout", `predictor ${address}: timeout: ${message}`);
  }
  if (code === "ERR_BAD_RESPONSE") {
    const said = "the predictor's response ended before it was complete";
    return predictorError("protocol", `predictor ${address}: protocol: ${message}`, undefined, said);
  }
  if (code === "ERR_NETWORK") return predictorError("reset", `predictor ${address}: ${message}`);
  return transportError(address, Object.assign(new Error(message), { code }), false);
}
