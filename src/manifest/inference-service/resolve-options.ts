import {
  COLLOCATED_CONTAINER,
  MAX_DNS_LABEL_LENGTH,
  MAX_SERVICE_NAME_LENGTH,
  SERVICE_NAME,
} from "../../contract/names.ts";
import { HTTP_PORT } from "../../contract/ports.ts";
import { invalidArgument } from "../../errors.ts";
import { KNATIVE_RESERVED_PORTS } from "../knative.ts";
import { findRuntimes, MODEL_FORMATS, type PredictorProtocol, RUNTIMES, type Runtime } from "../runtimes.ts";
import type { InferenceServiceOptions } from "./inference-service-options.ts";
import { isStorageUri, STORAGE_SCHEMES } from "./storage.ts";

/** The options with every default, and what follows from them. */
export interface ResolvedOptions extends InferenceServiceOptions {
  readonly layout: "standalone" | "collocated";
  readonly mode: "Standard" | "Knative";
  readonly port: number;
  /** Undefined for a runtime that this package does not know. */
  readonly runtime: Runtime | undefined;
  /** Undefined where the predictor speaks OpenAI's protocol only. */
  readonly protocol: PredictorProtocol | undefined;
  /** Port on which the predictor's container answers the protocol. */
  readonly predictorPort: number;
}

/** @throws InferenceError invalid_argument that names the option, what was expected and what came */
export function resolveInferenceServiceOptions(options: InferenceServiceOptions): ResolvedOptions {
  const { layout = "standalone", mode = "Standard", transformer, predictor } = options;
  assertName(options.name, options.namespace ?? "default");
  if (transformer.image === "") throw invalidArgument("image is empty; expected the transformer's image");
  if (!isStorageUri(predictor.storageUri)) {
    throw invalidArgument(`storage URI ${predictor.storageUri} begins with none of ${STORAGE_SCHEMES.join(" ")}`);
  }
  const { runtime, protocol } = resolveRuntime(options);
  const predictorPort = protocol?.startsWith("grpc") === true ? grpcPort(runtime, protocol) : HTTP_PORT;
  const port = transformer.port ?? (layout === "collocated" ? 8090 : HTTP_PORT);
  const resolved = { ...options, layout, mode, port, runtime, protocol, predictorPort };
  assertPorts(resolved);
  assertMultiNode(resolved);
  if (predictor.headless === true && mode === "Knative") {
    throw invalidArgument("headless is for Standard mode; Knative always puts a gateway before the predictor");
  }
  if (
    options.timeoutSeconds !== undefined &&
    !(options.timeoutSeconds >= 1 && Number.isInteger(options.timeoutSeconds))
  ) {
    throw invalidArgument(`timeout is ${options.timeoutSeconds}; expected whole seconds, at least 1`);
  }
  return resolved;
}

function assertName(name: string, namespace: string): void {
  if (!SERVICE_NAME.test(name)) {
    throw invalidArgument(
      `name ${JSON.stringify(name)} is not valid; expected lower-case letters, digits and dashes, a letter first and no dash last`,
    );
  }
  if (name.length > MAX_SERVICE_NAME_LENGTH) {
    throw invalidArgument(
      `name ${name} has ${name.length} characters; at most ${MAX_SERVICE_NAME_LENGTH} with a transformer`,
    );
  }
  const host = `${name}-transformer-${namespace}`;
  if (host.length > MAX_DNS_LABEL_LENGTH) {
    throw invalidArgument(
      `${host} has ${host.length} characters; a host name's part has at most ${MAX_DNS_LABEL_LENGTH}`,
    );
  }
}

function resolveRuntime({ predictor }: InferenceServiceOptions): Pick<ResolvedOptions, "runtime" | "protocol"> {
  const { format, formatVersion: version, protocol, runtime } = predictor;
  const isOwn = runtime !== undefined && !RUNTIMES.some((known) => known.name === runtime);
  if (isOwn) {
    if (protocol === undefined)
      throw invalidArgument(`the protocol of the runtime ${runtime} is not known here: name it`);
    return { runtime: undefined, protocol };
  }
  if (!MODEL_FORMATS.includes(format)) {
    throw invalidArgument(
      `no runtime of KServe serves the model format ${format}; known are ${MODEL_FORMATS.join(", ")}, or name a runtime of your own`,
    );
  }
  const [found] = findRuntimes({ format, version, protocol, runtime });
  if (found === undefined) {
    const wish = [version && `version ${version}`, protocol && `protocol ${protocol}`, runtime && `runtime ${runtime}`];
    const able = RUNTIMES.filter((known) => format in known.formats).map(
      (known) => `${known.name} (${known.protocols.join(", ")}; version ${known.formats[format]?.join(", ")})`,
    );
    throw invalidArgument(
      `nothing serves ${format} with ${wish.filter(Boolean).join(", ")}; there is ${able.join("; ")}`,
    );
  }
  return { runtime: found, protocol: protocol ?? found.protocols[0] };
}

function grpcPort(runtime: Runtime | undefined, protocol: PredictorProtocol): number {
  if (runtime === undefined) return 9000;
  if (runtime.grpcPort === undefined) throw invalidArgument(`${runtime.name} does not speak ${protocol}`);
  return runtime.grpcPort;
}

function assertPorts({ layout, mode, port, transformer, predictorPort }: ResolvedOptions): void {
  for (const [name, value] of [["port", port] as const, ["gRPC port", transformer.grpcPort] as const]) {
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1 || value > 65535) {
      throw invalidArgument(`${name} is ${value}; expected 1 to 65535`);
    }
    if (layout === "collocated" && (value === HTTP_PORT || value === predictorPort)) {
      throw invalidArgument(
        `${name} ${value} is the predictor's; ${COLLOCATED_CONTAINER} needs another in the same pod`,
      );
    }
    if (mode === "Knative" && KNATIVE_RESERVED_PORTS.includes(value)) {
      throw invalidArgument(
        `${name} ${value} is one that Knative keeps for itself (${KNATIVE_RESERVED_PORTS.join(", ")})`,
      );
    }
  }
  if (transformer.grpcPort === undefined) return;
  if (mode === "Knative") {
    throw invalidArgument("Knative gives a container one port: instead of a gRPC port call it h2c, for REST and gRPC");
  }
  if (transformer.h2c === true) throw invalidArgument("h2c is one port for REST and gRPC: leave the gRPC port out");
  if (transformer.grpcPort === port) throw invalidArgument(`port and gRPC port are both ${port}; expected two`);
}

function assertMultiNode({ runtime, layout, mode, predictor, autoscaler }: ResolvedOptions): void {
  if (runtime?.multiNode !== true) return;
  if (layout === "collocated" || mode === "Knative" || autoscaler !== "none") {
    throw invalidArgument(
      `${runtime.name} runs on several nodes: expected layout standalone, mode Standard, autoscaler none`,
    );
  }
  if (!/^(pvc|oci):\/\//.test(predictor.storageUri)) {
    throw invalidArgument(
      `${runtime.name} reads its model from pvc:// or oci://; the storage URI is ${predictor.storageUri}`,
    );
  }
}
