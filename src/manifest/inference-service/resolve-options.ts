import { HTTP_PORT } from "../../contract/ports.ts";
import { invalidArgument } from "../../errors.ts";
import { findRuntimes, RUNTIMES, type Runtime, type RuntimeProtocol } from "../runtimes.ts";
import type { InferenceServiceOptions } from "./inference-service-options.ts";

/** The options with every default, and what follows from them. */
export interface ResolvedOptions extends InferenceServiceOptions {
  readonly layout: "standalone" | "collocated";
  readonly mode: "Standard" | "Knative";
  readonly port: number;
  /** Undefined where this package knows none that serves the model. */
  readonly runtime: Runtime | undefined;
  /** Undefined where the predictor speaks OpenAI's protocol only. */
  readonly protocol: RuntimeProtocol | undefined;
  /** Port on which the predictor's container answers the protocol. */
  readonly predictorPort: number;
}

/**
 * Defaults, and what only the options know: everything that can be seen in the manifest is left to its checks.
 *
 * @throws InferenceError invalid_argument that names the option, what was expected and what came
 */
export function resolveInferenceServiceOptions(options: InferenceServiceOptions): ResolvedOptions {
  const { layout = "standalone", mode = "Standard", transformer, predictor } = options;
  const { runtime, protocol } = resolveRuntime(options);
  // The rest of KServe's runtimes that speak gRPC do it on 9000, and so should an own one.
  const predictorPort = protocol?.startsWith("grpc") === true ? (runtime?.grpcPort ?? 9000) : HTTP_PORT;
  const port = transformer.port ?? (layout === "collocated" ? 8090 : HTTP_PORT);
  if (transformer.h2c === true && transformer.grpcPort !== undefined) {
    throw invalidArgument("h2c is one port for REST and gRPC: leave the gRPC port out");
  }
  if (predictor.headless === true && mode === "Knative") {
    throw invalidArgument("headless is for Standard mode; Knative always puts a gateway before the predictor");
  }
  return { ...options, layout, mode, port, runtime, protocol, predictorPort };
}

function resolveRuntime({ predictor }: InferenceServiceOptions): Pick<ResolvedOptions, "runtime" | "protocol"> {
  const { format, formatVersion: version, protocol, runtime } = predictor;
  const isOwn = runtime !== undefined && !RUNTIMES.some((known) => known.name === runtime);
  if (isOwn && protocol === undefined) {
    throw invalidArgument(`the protocol of the runtime ${runtime} is not known here: name it`);
  }
  const [found] = isOwn ? [] : findRuntimes({ format, version, protocol, runtime });
  return { runtime: found, protocol: protocol ?? found?.protocols[0] };
}
