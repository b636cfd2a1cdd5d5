/** What a KServe predictor speaks, in the words of `spec.predictor.model.protocolVersion`. */
export type RuntimeProtocol = "v1" | "v2" | "grpc-v1" | "grpc-v2";

export const RUNTIME_PROTOCOLS: readonly RuntimeProtocol[] = ["v1", "v2", "grpc-v1", "grpc-v2"];

/** One ClusterServingRuntime that KServe 0.20 installs. */
export interface Runtime {
  readonly name: string;
  /** Model formats with their versions. */
  readonly formats: Readonly<Record<string, readonly string[]>>;
  /** Empty where the runtime declares none: it speaks OpenAI's protocol. */
  readonly protocols: readonly RuntimeProtocol[];
  /** Formats that lead to this runtime only when the manifest names it. */
  readonly onlyByName?: readonly string[];
  /** Port of its gRPC service. */
  readonly grpcPort?: number;
  /** Runs on several nodes and needs a `workerSpec`. */
  readonly multiNode?: boolean;
}

/** In the order of preference: the first that has the format says which protocol is the default. */
export const RUNTIMES: readonly Runtime[] = [
  { name: "kserve-sklearnserver", formats: { sklearn: ["1"] }, protocols: ["v1", "v2"] },
  { name: "kserve-xgbserver", formats: { xgboost: ["2"] }, protocols: ["v1", "v2"] },
  { name: "kserve-lgbserver", formats: { lightgbm: ["4"] }, protocols: ["v1", "v2"] },
  {
    name: "kserve-mlserver",
    formats: { sklearn: ["0", "1"], xgboost: ["1", "2"], lightgbm: ["3", "4"], mlflow: ["1", "2"] },
    protocols: ["v2"],
  },
  {
    name: "kserve-predictiveserver",
    formats: { sklearn: ["1"], xgboost: ["2"], lightgbm: ["4"] },
    protocols: ["v1", "v2"],
    onlyByName: ["sklearn", "xgboost", "lightgbm"],
  },
  { name: "kserve-paddleserver", formats: { paddle: ["2"] }, protocols: ["v1", "v2"] },
  { name: "kserve-pmmlserver", formats: { pmml: ["3", "4"] }, protocols: ["v1", "v2"] },
  { name: "kserve-autogluonserver", formats: { autogluon: ["1"] }, protocols: ["v1", "v2"] },
  {
    name: "kserve-tensorflow-serving",
    formats: { tensorflow: ["1", "2"] },
    protocols: ["v1", "grpc-v1"],
    grpcPort: 9000,
  },
  { name: "kserve-torchserve", formats: { pytorch: ["1"] }, protocols: ["v1", "v2", "grpc-v2"], grpcPort: 7070 },
  {
    name: "kserve-tritonserver",
    formats: { triton: ["2"], tensorrt: ["8"], tensorflow: ["1", "2"], onnx: ["1"], pytorch: ["1"] },
    protocols: ["v2", "grpc-v2"],
    onlyByName: ["pytorch"],
    grpcPort: 9000,
  },
  { name: "kserve-huggingfaceserver", formats: { huggingface: ["1"] }, protocols: ["v2", "v1"] },
  {
    name: "kserve-huggingfaceserver-multinode",
    formats: { huggingface: ["1"] },
    protocols: ["v2", "v1"],
    onlyByName: ["huggingface"],
    multiNode: true,
  },
  { name: "kserve-vllmserver", formats: { vLLM: ["1"] }, protocols: [] },
];

/** Every model format that some runtime has, each once. */
export const MODEL_FORMATS: readonly string[] = [
  ...new Set(RUNTIMES.flatMap((runtime) => Object.keys(runtime.formats))),
];

export interface RuntimeWish {
  readonly format: string;
  readonly version?: string | undefined;
  readonly protocol?: RuntimeProtocol | undefined;
  /** Name of the runtime, where the manifest says it. */
  readonly runtime?: string | undefined;
}

/** The runtimes that KServe could choose for a model, best first; empty when the model would never start. */
export function findRuntimes(wish: RuntimeWish): readonly Runtime[] {
  return RUNTIMES.filter((runtime) => {
    const versions = runtime.formats[wish.format];
    if (versions === undefined) return false;
    if (wish.version !== undefined && !versions.includes(wish.version)) return false;
    if (wish.protocol !== undefined && runtime.protocols.length > 0 && !runtime.protocols.includes(wish.protocol)) {
      return false;
    }
    return wish.runtime === undefined
      ? !(runtime.onlyByName ?? []).includes(wish.format)
      : runtime.name === wish.runtime;
  });
}
