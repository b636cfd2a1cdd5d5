import { invalidArgument } from "../../errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../../protocol/limits.ts";
import type { ModelNames } from "../http/paths.ts";
import { parsePredictorAddress } from "../predictor-address.ts";

/** Addresses of a host name. @throws when it has none. */
export type LookupAddresses = (hostname: string) => Promise<readonly string[]>;

export interface GrpcPredictorOptions {
  /** `host` or `host:port`; port 80, with TLS 443, when it names none. */
  readonly host: string;
  /** @default false */
  readonly useSsl?: boolean | undefined;
  /** PEM of the certificates to trust. @default those of Node */
  readonly ca?: string | undefined;
  /** PEM of the client's certificate, for predictors that ask for one. */
  readonly cert?: string | undefined;
  /** PEM of the client certificate's key. */
  readonly key?: string | undefined;
  /** The model's public name: whose readiness and metadata are asked. @default "model" */
  readonly modelName?: string | undefined;
  /** The predictor's own name of the model (KServe #2753). @default the public name */
  readonly predictorModelName?: string | undefined;
  /** False sends typed contents where the datatypes allow it. @default true */
  readonly rawContents?: boolean | undefined;
  /** One call. @default 600000 */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a call waits for a first connection. @default 10000 */
  readonly connectTimeoutMs?: number | undefined;
  /** For readiness and metadata. @default 5000 */
  readonly healthTimeoutMs?: number | undefined;
  /** Largest request message. @default no bound */
  readonly maxRequestBytes?: number | undefined;
  /** Largest response. @default 268435456 (256 MiB) */
  readonly maxResponseBytes?: number | undefined;
  /** What else bounds the reading of responses. */
  readonly limits?: Partial<Limits> | undefined;
  /** How often the host's addresses are looked up, so that new pods of a headless service get their share. @default 30000 */
  readonly resolveIntervalMs?: number | undefined;
  /** Time without data after which a connection with calls is pinged; servers close those that ping more often. @default 300000 */
  readonly keepaliveTimeMs?: number | undefined;
  /** @default the system's resolver */
  readonly lookup?: LookupAddresses | undefined;
}

/** `GrpcPredictorOptions` with every default filled in. */
export interface ResolvedGrpcPredictorOptions {
  /** `host:port`. */
  readonly address: string;
  readonly secure: boolean;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly modelName: string;
  readonly names: ModelNames;
  readonly rawContents: boolean;
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly healthTimeoutMs: number;
  readonly maxRequestBytes: number | undefined;
  readonly limits: Limits;
  readonly resolveIntervalMs: number;
  readonly keepaliveTimeMs: number;
  readonly lookup: LookupAddresses | undefined;
}

/** @throws InferenceError invalid_argument that names the option. */
export function resolveGrpcPredictorOptions(options: GrpcPredictorOptions): ResolvedGrpcPredictorOptions {
  const { cert, key, limits = {} } = options;
  if ((cert === undefined) !== (key === undefined)) throw invalidArgument("cert and key must be given together");
  if (options.predictorModelName === "") throw invalidArgument("predictorModelName must not be empty");
  const { address, secure, basePath } = parsePredictorAddress(options.host, options.useSsl);
  if (basePath !== "") throw invalidArgument(`predictor host: gRPC takes no path, got ${basePath}`);
  const largest = options.maxResponseBytes ?? limits.maxResponseBytes ?? DEFAULT_LIMITS.maxResponseBytes;
  return {
    address,
    secure,
    ca: options.ca,
    cert,
    key,
    modelName: options.modelName ?? options.predictorModelName ?? "model",
    names: { modelName: options.modelName, predictorModelName: options.predictorModelName },
    rawContents: options.rawContents ?? true,
    requestTimeoutMs: whole("requestTimeoutMs", options.requestTimeoutMs ?? 600_000),
    connectTimeoutMs: whole("connectTimeoutMs", options.connectTimeoutMs ?? 10_000),
    healthTimeoutMs: whole("healthTimeoutMs", options.healthTimeoutMs ?? 5000),
    maxRequestBytes:
      options.maxRequestBytes === undefined ? undefined : whole("maxRequestBytes", options.maxRequestBytes),
    limits: { ...DEFAULT_LIMITS, ...limits, maxResponseBytes: whole("maxResponseBytes", largest) },
    resolveIntervalMs: whole("resolveIntervalMs", options.resolveIntervalMs ?? 30_000),
    keepaliveTimeMs: whole("keepaliveTimeMs", options.keepaliveTimeMs ?? 300_000),
    lookup: options.lookup,
  };
}

/** Timers take no more than 2^31 - 1 ms, 24 days. */
const LARGEST = 2 ** 31 - 1;

function whole(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= LARGEST) return value;
  throw invalidArgument(`${name} must be a whole number from 1 to ${LARGEST}, got ${String(value)}`);
}
