import { invalidArgument } from "../errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../protocol/limits.ts";
import type { ModelNames } from "./model-names.ts";
import { resolveChoice, resolveWhole } from "./resolve-option.ts";

/** What predictors behind HTTP and gRPC have in common. */
export interface NetworkPredictorOptions {
  /** TLS for a host without a scheme. @default false */
  readonly useSsl?: boolean | undefined;
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
  /**
   * V2: binary tensors; `auto` when the predictor's metadata lists `binary_tensor_data`. gRPC: raw contents, unless `off` asks for
   * typed ones where the datatypes allow it. @default "auto"
   */
  readonly binary?: "auto" | "on" | "off" | undefined;
  /** One call from the first try to the last byte. @default 600000 */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a call waits for a connection. @default 10000 */
  readonly connectTimeoutMs?: number | undefined;
  /** For readiness and metadata. @default 5000 */
  readonly healthTimeoutMs?: number | undefined;
  /** Largest response that is read; what is passed through unread is not held in memory and has no bound. @default 268435456 (256 MiB) */
  readonly maxResponseBytes?: number | undefined;
  /** What else bounds the reading of responses. */
  readonly limits?: Partial<Limits> | undefined;
  /**
   * How often new pods of a service are looked for: gRPC looks up the host's addresses, HTTP replaces connections of this age.
   * @default 30000 over gRPC, never over HTTP
   */
  readonly refreshIntervalMs?: number | undefined;
}

/** `NetworkPredictorOptions` with every default filled in. */
export interface ResolvedNetworkOptions {
  readonly modelName: string;
  readonly names: ModelNames;
  readonly binary: "auto" | "on" | "off";
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly healthTimeoutMs: number;
  readonly limits: Limits;
}

/** @throws InferenceError invalid_argument that names the option. */
export function resolveNetworkOptions(options: NetworkPredictorOptions): ResolvedNetworkOptions {
  const { cert, key, limits = {}, modelName, predictorModelName } = options;
  if ((cert === undefined) !== (key === undefined)) throw invalidArgument("cert and key must be given together");
  if (predictorModelName === "") throw invalidArgument("predictorModelName must not be empty");
  const largest = options.maxResponseBytes ?? limits.maxResponseBytes ?? DEFAULT_LIMITS.maxResponseBytes;
  return {
    modelName: modelName ?? predictorModelName ?? "model",
    names: { modelName, predictorModelName },
    binary: resolveChoice("binary", options.binary ?? "auto", ["auto", "on", "off"]),
    requestTimeoutMs: resolveWhole("requestTimeoutMs", options.requestTimeoutMs ?? 600_000),
    connectTimeoutMs: resolveWhole("connectTimeoutMs", options.connectTimeoutMs ?? 10_000),
    healthTimeoutMs: resolveWhole("healthTimeoutMs", options.healthTimeoutMs ?? 5000),
    limits: { ...DEFAULT_LIMITS, ...limits, maxResponseBytes: resolveWhole("maxResponseBytes", largest) },
  };
}
