import { invalidArgument } from "../../errors.ts";
import {
  type NetworkPredictorOptions,
  type ResolvedNetworkOptions,
  resolveNetworkOptions,
} from "../network-options.ts";
import { parsePredictorAddress } from "../predictor-address.ts";
import { resolveWhole } from "../resolve-option.ts";

/** Addresses of a host name. @throws when it has none. */
export type LookupAddresses = (hostname: string) => Promise<readonly string[]>;

export interface GrpcPredictorOptions extends NetworkPredictorOptions {
  /** `host` or `host:port`; port 80, with TLS 443, when it names none. */
  readonly host: string;
  /** PEM of the certificates to trust. @default those of Node */
  readonly ca?: string | undefined;
  /** @default the system's resolver */
  readonly lookup?: LookupAddresses | undefined;
}

/** `GrpcPredictorOptions` with every default filled in. */
export interface ResolvedGrpcPredictorOptions extends ResolvedNetworkOptions {
  /** `host:port`. */
  readonly address: string;
  readonly secure: boolean;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly refreshIntervalMs: number;
  readonly lookup: LookupAddresses | undefined;
}

/** @throws InferenceError invalid_argument that names the option. */
export function resolveGrpcPredictorOptions(options: GrpcPredictorOptions): ResolvedGrpcPredictorOptions {
  const resolved = resolveNetworkOptions(options);
  const { address, secure, basePath } = parsePredictorAddress(options.host, options.useSsl);
  if (basePath !== "") throw invalidArgument(`predictor host: gRPC takes no path, got ${basePath}`);
  return {
    ...resolved,
    address,
    secure,
    ca: options.ca,
    cert: options.cert,
    key: options.key,
    refreshIntervalMs: resolveWhole("refreshIntervalMs", options.refreshIntervalMs ?? 30_000),
    lookup: options.lookup,
  };
}
