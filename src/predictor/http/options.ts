import { invalidArgument } from "../../errors.ts";
import {
  type NetworkPredictorOptions,
  type ResolvedNetworkOptions,
  resolveNetworkOptions,
} from "../network-options.ts";
import { type PredictorAddress, parsePredictorAddress } from "../predictor-address.ts";
import { resolveChoice, resolveWhole } from "../resolve-option.ts";
import type { HttpClient } from "./http-client.ts";
import type { HttpProtocol } from "./paths.ts";
import type { TlsOptions } from "./transport.ts";

export interface HttpPredictorOptions extends NetworkPredictorOptions {
  /**
   * `host`, `host:port` or a URL with an own path; port 80, with TLS 443, when it names none. May be left out with an
   * `httpClient` that has a base URL.
   */
  readonly host?: string | undefined;
  /** @default "v1" */
  readonly protocol?: HttpProtocol | undefined;
  /** PEM of the certificates to trust. @default those of Node */
  readonly ca?: string | readonly string[] | undefined;
  /** V1: how tensors are laid out; `auto` is rows where they have a common first dimension. @default "auto" */
  readonly v1Form?: "auto" | "rows" | "columns" | undefined;
  /** From the request's last byte to the response's head; 0 is bounded by the request alone. @default 0 */
  readonly headersTimeoutMs?: number | undefined;
  /** Between two pieces of the response; 0 is bounded by the request alone. @default 0 */
  readonly bodyTimeoutMs?: number | undefined;
  /** Largest number of connections; calls beyond it wait. @default no bound */
  readonly connections?: number | undefined;
  /** How long a connection may be idle; shorter than the 5 s after which Python servers close theirs. @default 4000 */
  readonly keepAliveTimeoutMs?: number | undefined;
  /**
   * Further tries when no connection came about (refused, unresolved, reset before anything was sent), with jitter and at most
   * a tenth more calls; never after a timeout or once something was sent. A kept connection that closes before the first byte of
   * a response is no failure: that call goes out once more on a new connection, whatever this says. @default 0
   */
  readonly retries?: number | undefined;
  /** Carries the calls instead of undici's pool; then bodies are not passed through unread. */
  readonly httpClient?: HttpClient | undefined;
}

/** `HttpPredictorOptions` with every default filled in. */
export interface ResolvedHttpPredictorOptions extends ResolvedNetworkOptions {
  /** Undefined when the `httpClient` knows where to go. */
  readonly address: PredictorAddress | undefined;
  readonly protocol: HttpProtocol;
  readonly tls: TlsOptions;
  readonly v1Form: "auto" | "rows" | "columns";
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly connections: number | undefined;
  readonly keepAliveTimeoutMs: number;
  readonly refreshIntervalMs: number | undefined;
  readonly retries: number;
  readonly httpClient: HttpClient | undefined;
}

/** @throws InferenceError invalid_argument that names the option. */
export function resolveHttpPredictorOptions(options: HttpPredictorOptions): ResolvedHttpPredictorOptions {
  const { ca, cert, key } = options;
  return {
    ...resolveNetworkOptions(options),
    address: resolveAddress(options),
    protocol: resolveChoice("protocol", options.protocol ?? "v1", ["v1", "v2"]),
    tls: { ca, cert, key },
    v1Form: resolveChoice("v1Form", options.v1Form ?? "auto", ["auto", "rows", "columns"]),
    headersTimeoutMs: resolveWhole("headersTimeoutMs", options.headersTimeoutMs ?? 0, 0),
    bodyTimeoutMs: resolveWhole("bodyTimeoutMs", options.bodyTimeoutMs ?? 0, 0),
    connections: optionalWhole("connections", options.connections),
    keepAliveTimeoutMs: resolveWhole("keepAliveTimeoutMs", options.keepAliveTimeoutMs ?? 4000),
    refreshIntervalMs: optionalWhole("refreshIntervalMs", options.refreshIntervalMs),
    retries: resolveWhole("retries", options.retries ?? 0, 0),
    httpClient: options.httpClient,
  };
}

function resolveAddress({ host, useSsl, httpClient }: HttpPredictorOptions): PredictorAddress | undefined {
  if (host !== undefined && host !== "") return parsePredictorAddress(host, useSsl);
  if (httpClient?.baseUrl !== undefined) return undefined;
  throw invalidArgument("host: expected the predictor's host, host:port or URL, got none");
}

function optionalWhole(name: string, value: number | undefined): number | undefined {
  return value === undefined ? undefined : resolveWhole(name, value);
}
