import { invalidArgument } from "../errors.ts";
import type { Logger } from "../inference/request-context.ts";
import type { PredictorFunction } from "./embedded/function-predictor.ts";
import type { HttpPredictorOptions } from "./http/options.ts";
import type { Predictor } from "./predictor.ts";

/** Protocols of a predictor over the network; `auto` finds out. */
export type PredictorProtocol = "v1" | "v2" | "grpc-v1" | "grpc-v2" | "auto";

export interface CreatePredictorOptions extends Omit<HttpPredictorOptions, "host" | "protocol"> {
  /** @default "v1" */
  readonly protocol?: PredictorProtocol | undefined;
  /** Told what `auto` found. */
  readonly log?: Logger | undefined;
}

type NetworkOptions = CreatePredictorOptions & { readonly host: string };

/** One line a protocol; the code of the others is not loaded. */
const BY_PROTOCOL: Readonly<Record<PredictorProtocol, (options: NetworkOptions) => Promise<Predictor>>> = {
  v1: async (options) => (await import("./http/http-predictor.ts")).createHttpPredictor({ ...options, protocol: "v1" }),
  v2: async (options) => (await import("./http/http-predictor.ts")).createHttpPredictor({ ...options, protocol: "v2" }),
  "grpc-v1": async (options) => (await import("./grpc/grpc-v1-predictor.ts")).createGrpcV1Predictor(toGrpc(options)),
  "grpc-v2": async (options) => (await import("./grpc/grpc-predictor.ts")).createGrpcPredictor(toGrpc(options)),
  auto: async ({ protocol: _auto, ...options }) =>
    (await import("./auto-predictor.ts")).createAutoPredictor({
      ...options,
      create: (protocol) => BY_PROTOCOL[protocol](options),
    }),
};

/**
 * A predictor out of one word: `onnx:path` is an embedded model, `none` gives back what `preprocess` made, everything else an address (`host`, `host:port`, a URL) whose
 * protocol the options say; a function is itself the model. An embedded model is loaded at once, so that a wrong path is known
 * before the first request.
 * @throws InferenceError invalid_argument for an option that cannot be, unavailable for a model that cannot be loaded.
 */
export async function createPredictor(
  target: string | PredictorFunction,
  options: CreatePredictorOptions = {},
): Promise<Predictor> {
  if (typeof target === "function") {
    return (await import("./embedded/function-predictor.ts")).createFunctionPredictor(target);
  }
  if (target === "none") return (await import("./embedded/echo-predictor.ts")).createEchoPredictor();
  if (target.startsWith("onnx:")) {
    const { createOnnxPredictor } = await import("./embedded/onnx-predictor.ts");
    const path = target.slice("onnx:".length);
    const modelName = options.predictorModelName ?? options.modelName;
    const predictor = createOnnxPredictor({ path, modelName });
    await predictor.metadata();
    return predictor;
  }
  const { protocol = "v1" } = options;
  if (!Object.hasOwn(BY_PROTOCOL, protocol)) {
    throw invalidArgument(`protocol must be one of ${Object.keys(BY_PROTOCOL).join(", ")}, got '${String(protocol)}'`);
  }
  return BY_PROTOCOL[protocol]({ ...options, host: target });
}

/** What both have; an `https://` in front of the host asks for TLS. */
function toGrpc({ ca, ...options }: NetworkOptions): NetworkOptions & { readonly ca: string | undefined } {
  return { ...options, ca: ca === undefined || typeof ca === "string" ? ca : ca.join("\n") };
}
