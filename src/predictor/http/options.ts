import { invalidArgument } from "../../errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../../protocol/limits.ts";
import { type PredictorAddress, parsePredictorAddress } from "../predictor-address.ts";
import type { HttpClient } from "./http-client.ts";
import type { HttpProtocol, ModelNames } from "./paths.ts";
import type { TlsOptions } from "./transport.ts";

export interface HttpPredictorOptions {
  /**
   * `host`, `host:port` or a URL with an own path; port 80, with TLS 443, when it names none. May be left out with an
   * `httpClient` that has a base URL.
   */
  readonly host?: string | undefined;
  /** @default "v1" */
  readonly protocol?: HttpProtocol | undefined;
  /** TLS for a host without a scheme. @default false */
  readonly useSsl?: boolean | undefined;
  /** PEM of the certificates to trust. @default those of Node */
  readonly ca?: string | readonly string[] | undefined;
  /** PEM of the client's certificate, for predictors that ask for one. */
  readonly cert?: string | undefined;
  /** PEM of the client certificate's key. */
  readonly key?: string | undefined;
  /**
   * The model's public name: whose readiness and metadata are asked where a caller names none, and the one that
   * `predictorModelName` stands for. @default "model"; `predictorModelName` stands for every name
   */
  readonly modelName?: string | undefined;
  /** The predictor's own name of the model (KServe #2753). @default the public name */
  readonly predictorModelName?: string | undefined;
  /** V2: binary tensors; `auto` when the predictor's metadata lists `binary_tensor_data`. @default "auto" */
  readonly binary?: "auto" | "on" | "off" | undefined;
  /** V1: how tensors are laid out; `auto` is rows where they have a common first dimension. @default "auto" */
  readonly v1Form?: "auto" | "rows" | "columns" | undefined;
  /** One call from the first try to the last byte. @default 600000 */
  readonly requestTimeoutMs?: number | undefined;
  /** @default 10000 */
  readonly connectTimeoutMs?: number | undefined;
  /** From the request's last byte to the response's head; 0 is bounded by the request alone. @default 0 */
  readonly headersTimeoutMs?: number | undefined;
  /** Between two pieces of the response; 0 is bounded by the request alone. @default 0 */
  readonly bodyTimeoutMs?: number | undefined;
  /** For readiness and metadata. @default 5000 */
  readonly healthTimeoutMs?: number | undefined;
  /** Largest response that is read; what is passed through unread is not held in memory and has no bound. @default 268435456 (256 MiB) */
  readonly maxResponseBytes?: number | undefined;
  /** What else bounds the reading of responses. */
  readonly limits?: Partial<Limits> | undefined;
  /** Largest number of connections; calls beyond it wait. @default no bound */
  readonly connections?: number | undefined;
  /** How long a connection may be idle; shorter than the 5 s after which Python servers close theirs. @default 4000 */
  readonly keepAliveTimeoutMs?: number | undefined;
  /** Connections are replaced after this time, so that new addresses of a service get their share. @default never */
  readonly maxConnectionAgeMs?: number | undefined;
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
export interface ResolvedHttpPredictorOptions {
  /** Undefined when the `httpClient` knows where to go. */
  readonly address: PredictorAddress | undefined;
  readonly protocol: HttpProtocol;
  readonly tls: TlsOptions;
  readonly modelName: string;
  readonly names: ModelNames;
  readonly binary: "auto" | "on" | "off";
  readonly v1Form: "auto" | "rows" | "columns";
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly healthTimeoutMs: number;
  readonly limits: Limits;
  readonly connections: number | undefined;
  readonly keepAliveTimeoutMs: number;
  readonly maxConnectionAgeMs: number | undefined;
  readonly retries: number;
  readonly httpClient: HttpClient | undefined;
}

/** @throws InferenceError invalid_argument that names the option. */
export function resolveHttpPredictorOptions(options: HttpPredictorOptions): ResolvedHttpPredictorOptions {
  const { ca, cert, key } = options;
  if ((cert === undefined) !== (key === undefined)) throw invalidArgument("cert and key must be given together");
  if (options.predictorModelName === "") throw invalidArgument("predictorModelName must not be empty");
  return {
    address: resolveAddress(options),
    protocol: oneOf("protocol", options.protocol ?? "v1", ["v1", "v2"]),
    tls: { ca, cert, key },
    modelName: options.modelName ?? options.predictorModelName ?? "model",
    names: { modelName: options.modelName, predictorModelName: options.predictorModelName },
    binary: oneOf("binary", options.binary ?? "auto", ["auto", "on", "off"]),
    v1Form: oneOf("v1Form", options.v1Form ?? "auto", ["auto", "rows", "columns"]),
    requestTimeoutMs: whole("requestTimeoutMs", options.requestTimeoutMs ?? 600_000, 1),
    connectTimeoutMs: whole("connectTimeoutMs", options.connectTimeoutMs ?? 10_000, 1),
    headersTimeoutMs: whole("headersTimeoutMs", options.headersTimeoutMs ?? 0, 0),
    bodyTimeoutMs: whole("bodyTimeoutMs", options.bodyTimeoutMs ?? 0, 0),
    healthTimeoutMs: whole("healthTimeoutMs", options.healthTimeoutMs ?? 5000, 1),
    limits: resolveLimits(options),
    connections: optionalWhole("connections", options.connections),
    keepAliveTimeoutMs: whole("keepAliveTimeoutMs", options.keepAliveTimeoutMs ?? 4000, 1),
    maxConnectionAgeMs: optionalWhole("maxConnectionAgeMs", options.maxConnectionAgeMs),
    retries: whole("retries", options.retries ?? 0, 0),
    httpClient: options.httpClient,
  };
}

function resolveAddress({ host, useSsl, httpClient }: HttpPredictorOptions): PredictorAddress | undefined {
  if (host !== undefined && host !== "") return parsePredictorAddress(host, useSsl);
  if (httpClient?.baseUrl !== undefined) return undefined;
  throw invalidArgument("host: expected the predictor's host, host:port or URL, got none");
}

function resolveLimits({ limits = {}, maxResponseBytes }: HttpPredictorOptions): Limits {
  const largest = maxResponseBytes ?? limits.maxResponseBytes ?? DEFAULT_LIMITS.maxResponseBytes;
  return { ...DEFAULT_LIMITS, ...limits, maxResponseBytes: whole("maxResponseBytes", largest, 1) };
}

function oneOf<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw invalidArgument(`${name} must be one of ${allowed.join(", ")}, got ${JSON.stringify(value)}`);
}

/** Timers take no more than 2^31 - 1 ms, 24 days. */
const LARGEST = 2 ** 31 - 1;

function whole(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value <= LARGEST) return value;
  throw invalidArgument(`${name} must be a whole number from ${least} to ${LARGEST}, got ${String(value)}`);
}

function optionalWhole(name: string, value: number | undefined): number | undefined {
  return value === undefined ? undefined : whole(name, value, 1);
}
