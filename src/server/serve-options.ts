import { DEFAULT_EVENT_SETTINGS, type EventSettings } from "../envelope/cloudevents/cloud-event.ts";
import { InferenceError } from "../errors.ts";
import type { ExchangeListener } from "../inference/exchange-listener.ts";
import type { GuardedFetch, Logger } from "../inference/request-context.ts";
import type { Metrics } from "../observability/metrics.ts";
import { createStatistics, type Statistics } from "../observability/statistics/statistics.ts";
import type { Playground } from "../playground/playground.ts";
import { resolveForwardHeaders } from "../policy/forward-headers.ts";
import type { Predictor } from "../predictor/predictor.ts";
import { DEFAULT_LIMITS, type Limits } from "../protocol/limits.ts";
import { defaultThreads } from "../threads/thread-pool.ts";
import type { AuthenticationOptions } from "./exchange/authentication.ts";
import type { NonFinite } from "./exchange/non-finite.ts";
import type { ServerTls } from "./process/server-tls.ts";

/** How requests are handled; what `createApp` takes. */
export interface AppOptions {
  /** Public name of a single transformer. @default "model" */
  readonly modelName?: string | undefined;
  /** Predictor of a single transformer; without one its hooks are the whole model. */
  readonly predictor?: Predictor | undefined;
  /** @default a pino logger that writes JSON lines of level info to standard output */
  readonly log?: Logger | undefined;
  /** Downloads for hooks. @default a guarded fetch that reaches public addresses only */
  readonly fetch?: GuardedFetch | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Counts and times every request, and answers `/metrics`. @default none */
  readonly metrics?: Metrics | undefined;
  /** Counts every request for V2's statistics extension. @default those of this process */
  readonly statistics?: Statistics | undefined;
  /** Listeners to every request: metrics, tracing, logs. @default [] */
  readonly listeners?: readonly ExchangeListener[] | undefined;
  /** The API page at `/docs`. @default false */
  readonly docs?: boolean | undefined;
  /** The page at `/playground`, and the record of runs behind it. @default none */
  readonly playground?: Playground | undefined;
  /** Client headers handed on to the predictor besides the standard ones; lower case. @default [] */
  readonly forwardHeaders?: readonly string[] | undefined;
  /** Hand the client's credentials on to the predictor. @default true */
  readonly forwardAuthorization?: boolean | undefined;
  /** Check every body in full, also those that no hook reads. @default false */
  readonly checkRequests?: boolean | undefined;
  /** Answer 500 when a response has not as many rows as the request. @default false */
  readonly checkRows?: boolean | undefined;
  /** What JSON clients get for NaN and infinities; binary and gRPC carry them as they are. @default "null" */
  readonly nonFinite?: NonFinite | undefined;
  /** How answers to CloudEvents are described. */
  readonly cloudEvents?: Partial<EventSettings> | undefined;
  /** Credentials that requests need. @default none */
  readonly authentication?: AuthenticationOptions | undefined;
  /** Requests may load, reload and unload models (V2's repository); needs `authentication`. @default false */
  readonly modelControl?: boolean | undefined;
  /** Bodies of requests, V1's or V2's, that go through a transformer before it is ready. @default [] */
  readonly warmUp?: readonly Uint8Array[] | undefined;
  /** Origins whose pages may read responses; `*` is every one. @default [] */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Compress responses of 1 KiB and more where the client accepts it. @default false */
  readonly compressResponses?: boolean | undefined;
  /** Where OpenAI's routes are served. @default "/openai" */
  readonly openaiRoutePrefix?: string | undefined;
  /** Where the predictor has them. @default "/openai" */
  readonly predictorOpenaiPrefix?: string | undefined;
  /** Accept `predictions` and `outputs` as input, for a step of an InferenceGraph (KServe #3248). @default false */
  readonly chaining?: boolean | undefined;
  /** Requests answered at a time; 0 is no bound. @default 0 */
  readonly maxConcurrency?: number | undefined;
  /** Requests that may wait for a place; beyond it 503 with Retry-After. @default 100 */
  readonly maxQueue?: number | undefined;
  /** Ready only while the predictor is; asked at most every `predictorHealthTtlMs`. @default false */
  readonly enablePredictorHealthCheck?: boolean | undefined;
  /** @default 2000 */
  readonly predictorHealthTtlMs?: number | undefined;
  /**
   * Threads for pictures and for hooks' `runInWorker`, started at the first of them; 0 does that work on the event loop.
   * @default the number of cores, at most 4
   */
  readonly imageThreads?: number | undefined;
  /** Overall time of one request; a client's shorter deadline wins. 0 is none. @default 600000 */
  readonly requestTimeoutMs?: number | undefined;
}

/** How a server listens and ends; what `serve` takes besides. */
export interface ServeOptions extends AppOptions {
  /** @default "0.0.0.0" and "::" where there is IPv6: all addresses, as a container must */
  readonly host?: string | undefined;
  /** 0 takes a free one. @default 8080 */
  readonly port?: number | undefined;
  /** gRPC on the same port as REST. @default true */
  readonly grpc?: boolean | undefined;
  /** gRPC on a port of its own as well; 0 takes a free one. @default none */
  readonly grpcPort?: number | undefined;
  /** Health on a port and a thread of its own, which no busy hook holds up; 0 takes a free port. @default none */
  readonly probePort?: number | undefined;
  /** Liveness there fails when the main loop has not been heard of for so long. @default 60000 */
  readonly maxHeartbeatAgeMs?: number | undefined;
  /** Serve HTTPS, and gRPC over TLS. @default plain */
  readonly tls?: ServerTls | undefined;
  /** After `close()`: not ready, still accepting, so that no request is lost while endpoints change. @default 0 */
  readonly drainDelayMs?: number | undefined;
  /** After the drain delay: time for requests in flight. @default 20000 */
  readonly shutdownTimeoutMs?: number | undefined;
  /** Longer than a gateway's own (60 s), or it meets closed connections. @default 65000 */
  readonly keepAliveTimeoutMs?: number | undefined;
  /** Time for a request's head. @default 30000 */
  readonly headersTimeoutMs?: number | undefined;
  /** Time for a whole request, head and body. @default 300000 */
  readonly receiveTimeoutMs?: number | undefined;
  /** Requests that one HTTP/2 connection may have open at a time. @default 256 */
  readonly maxConcurrentStreams?: number | undefined;
  /** Bytes of a request's head. @default 65536 */
  readonly maxHeaderBytes?: number | undefined;
}

/** `AppOptions` with every default filled in. */
export interface ResolvedAppOptions {
  readonly limits: Limits;
  readonly metrics: Metrics | undefined;
  readonly statistics: Statistics;
  readonly listeners: readonly ExchangeListener[];
  readonly playground: Playground | undefined;
  readonly docs: boolean;
  /** All names that are handed on, the standard ones included. */
  readonly forwardHeaders: readonly string[];
  readonly checkRequests: boolean;
  readonly checkRows: boolean;
  readonly nonFinite: NonFinite;
  readonly chaining: boolean;
  readonly cloudEvents: EventSettings;
  readonly authentication: AuthenticationOptions | undefined;
  readonly modelControl: boolean;
  readonly warmUp: readonly Uint8Array[];
  readonly corsOrigins: readonly string[];
  readonly compressResponses: boolean;
  readonly openaiRoutePrefix: string;
  readonly predictorOpenaiPrefix: string;
  readonly maxConcurrency: number;
  readonly maxQueue: number;
  readonly enablePredictorHealthCheck: boolean;
  readonly predictorHealthTtlMs: number;
  readonly requestTimeoutMs: number;
  readonly imageThreads: number;
}

export function resolveAppOptions(options: AppOptions): ResolvedAppOptions {
  const limits = { ...DEFAULT_LIMITS, ...withoutUndefined(options.limits ?? {}) };
  for (const [name, value] of Object.entries(limits)) assertWhole(`limits.${name}`, value, 1);
  if (options.modelControl === true && options.authentication === undefined) {
    const message = "modelControl needs authentication (--model_control goes with --api_keys_file or --jwks_url)";
    throw new InferenceError(message, { code: "invalid_argument" });
  }
  const statistics = options.statistics ?? createStatistics();
  return {
    limits,
    metrics: options.metrics,
    statistics,
    listeners: [
      statistics,
      ...(options.metrics === undefined ? [] : [options.metrics]),
      ...(options.playground === undefined ? [] : [options.playground.listener]),
      ...(options.listeners ?? []),
    ],
    playground: options.playground,
    docs: options.docs ?? false,
    forwardHeaders: resolveForwardHeaders({
      headers: options.forwardHeaders,
      authorization: options.forwardAuthorization,
    }),
    checkRequests: options.checkRequests ?? false,
    checkRows: options.checkRows ?? false,
    nonFinite: options.nonFinite ?? "null",
    chaining: options.chaining ?? false,
    cloudEvents: { ...DEFAULT_EVENT_SETTINGS, ...withoutUndefined(options.cloudEvents ?? {}) },
    authentication: options.authentication,
    modelControl: options.modelControl ?? false,
    warmUp: options.warmUp ?? [],
    corsOrigins: options.corsOrigins ?? [],
    compressResponses: options.compressResponses ?? false,
    openaiRoutePrefix: options.openaiRoutePrefix ?? "/openai",
    predictorOpenaiPrefix: options.predictorOpenaiPrefix ?? "/openai",
    maxConcurrency: assertWhole("maxConcurrency", options.maxConcurrency ?? 0, 0),
    maxQueue: assertWhole("maxQueue", options.maxQueue ?? 100, 0),
    enablePredictorHealthCheck: options.enablePredictorHealthCheck ?? false,
    predictorHealthTtlMs: assertWhole("predictorHealthTtlMs", options.predictorHealthTtlMs ?? 2000, 0),
    requestTimeoutMs: assertWhole("requestTimeoutMs", options.requestTimeoutMs ?? 600_000, 0),
    imageThreads: assertWhole("imageThreads", options.imageThreads ?? defaultThreads(), 0),
  };
}

/** `ServeOptions` with every default filled in; the host stays open, since its default depends on the machine. */
export interface ResolvedServeOptions {
  readonly host: string | undefined;
  readonly port: number;
  readonly grpc: boolean;
  readonly grpcPort: number | undefined;
  readonly probePort: number | undefined;
  readonly maxHeartbeatAgeMs: number;
  readonly tls: ServerTls | undefined;
  readonly drainDelayMs: number;
  readonly shutdownTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly receiveTimeoutMs: number;
  readonly maxConcurrentStreams: number;
  readonly maxHeaderBytes: number;
}

export function resolveServeOptions(options: ServeOptions): ResolvedServeOptions {
  return {
    host: options.host,
    port: assertPort("port", options.port ?? 8080),
    grpc: options.grpc ?? true,
    grpcPort: options.grpcPort === undefined ? undefined : assertPort("grpcPort", options.grpcPort),
    probePort: options.probePort === undefined ? undefined : assertPort("probePort", options.probePort),
    maxHeartbeatAgeMs: assertWhole("maxHeartbeatAgeMs", options.maxHeartbeatAgeMs ?? 60_000, 1000),
    tls: options.tls,
    drainDelayMs: assertWhole("drainDelayMs", options.drainDelayMs ?? 0, 0),
    shutdownTimeoutMs: assertWhole("shutdownTimeoutMs", options.shutdownTimeoutMs ?? 20_000, 0),
    keepAliveTimeoutMs: assertWhole("keepAliveTimeoutMs", options.keepAliveTimeoutMs ?? 65_000, 0),
    headersTimeoutMs: assertWhole("headersTimeoutMs", options.headersTimeoutMs ?? 30_000, 0),
    receiveTimeoutMs: assertWhole("receiveTimeoutMs", options.receiveTimeoutMs ?? 300_000, 0),
    maxConcurrentStreams: assertWhole("maxConcurrentStreams", options.maxConcurrentStreams ?? 256, 1),
    maxHeaderBytes: assertWhole("maxHeaderBytes", options.maxHeaderBytes ?? 65_536, 1024),
  };
}

function assertPort(name: string, value: number): number {
  if (assertWhole(name, value, 0) <= 65_535) return value;
  throw new InferenceError(`${name} must be at most 65535, got ${value}`, { code: "invalid_argument" });
}

function assertWhole(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InferenceError(`${name} must be a whole number ≥ ${least}, got ${value}`, { code: "invalid_argument" });
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
