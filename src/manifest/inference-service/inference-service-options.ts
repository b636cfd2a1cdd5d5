import type { RuntimeProtocol } from "../runtimes.ts";

export interface InferenceServiceOptions {
  /** Lower-case letters, digits and dashes, at most 46 characters; also the model's name in the URLs. */
  readonly name: string;
  readonly namespace?: string;
  /**
   * `standalone`: the transformer has pods of its own and scales apart from the predictor; `collocated`: it is a second
   * container in the predictor's pod. @default "standalone"
   */
  readonly layout?: "standalone" | "collocated";
  /** How KServe runs the pods: as plain Deployments or as Knative services. @default "Standard" */
  readonly mode?: "Standard" | "Knative";
  /** Further annotations of the InferenceService; KServe hands them on to the pods. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly transformer: TransformerOptions;
  readonly predictor: PredictorOptions;
  /** Time for one request: kept by the transformer, by Knative, and by routes of Gateway API. */
  readonly timeoutSeconds?: number;
  /** What scales the pods of a Standard service. @default "hpa" */
  readonly autoscaler?: "hpa" | "external" | "none";
  /** A new model that gets a part of the traffic. */
  readonly canary?: CanaryOptions;
}

export interface TransformerOptions {
  readonly image: string;
  /** Further arguments; what this package sets itself is refused here. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Port of REST, and of gRPC where one port serves both. @default 8080, collocated 8090 */
  readonly port?: number;
  /** A port for gRPC of its own, which gateways and meshes can tell from REST. Standard only: Knative has one port. */
  readonly grpcPort?: number;
  /** True calls the one port h2c: gateways then speak HTTP/2 to it, with gRPC and with REST. @default false */
  readonly h2c?: boolean;
  /** @default { cpu: "500m", memory: "512Mi", cpuLimit: "1", memoryLimit: "512Mi" } */
  readonly resources?: ResourceOptions;
  /** Of the transformer's pods; of the whole pod when collocated. */
  readonly scaling?: ScalingOptions;
  /** Knative: requests at once per pod. Standard: the controller passes it on as `--workers`. */
  readonly containerConcurrency?: number;
  /** KServe's batcher, a sidecar that joins V1 requests. */
  readonly batcher?: { readonly maxBatchSize?: number; readonly maxLatencyMs?: number };
  /** KServe's logger, a sidecar that sends requests and answers as CloudEvents. */
  readonly logger?: { readonly url: string; readonly mode?: "all" | "request" | "response" };
}

export interface PredictorOptions {
  /** Model format: sklearn, xgboost, lightgbm, mlflow, tensorflow, pytorch, onnx, triton … */
  readonly format: string;
  readonly formatVersion?: string;
  /** Name of a ServingRuntime; without it KServe chooses one by format and protocol. */
  readonly runtime?: string;
  /** @default the first protocol of the runtime: v1 where it has it */
  readonly protocol?: RuntimeProtocol;
  /** s3://, gs://, pvc://, https:// … */
  readonly storageUri: string;
  /** Name under which the predictor knows the model, where it is not the service's (Triton, TorchServe). */
  readonly modelName?: string;
  /** Settings of the predictor's server, for example `PREDICT_PROBA: "true"` for KServe's sklearn server. */
  readonly env?: Readonly<Record<string, string>>;
  /** True where the cluster makes services headless (`serviceClusterIPNone`): the host then needs the pod's port. */
  readonly headless?: boolean;
  /** @default { cpu: "1", memory: "2Gi", cpuLimit: "1", memoryLimit: "2Gi" } */
  readonly resources?: ResourceOptions;
  /** Of the predictor's pods when the transformer is standalone. */
  readonly scaling?: ScalingOptions;
  readonly credentials?: CredentialOptions;
}

/** How the predictor's pod gets at the model. */
export interface CredentialOptions {
  /** Name of the service account. @default NAME-storage when one is printed */
  readonly serviceAccount?: string;
  /** Name of a Secret to print, with the keys that the storage needs and placeholders as values. */
  readonly secret?: string;
  /** AWS IAM role of the service account, instead of a secret (EKS). */
  readonly roleArn?: string;
  /** Host of an S3 that is not Amazon's, for example `minio.minio:9000`. */
  readonly s3Endpoint?: string;
  readonly s3Region?: string;
  /** @default true */
  readonly s3UseHttps?: boolean;
}

/** Kubernetes quantities. A limit that is not given equals its request. */
export interface ResourceOptions {
  readonly cpu?: string;
  readonly memory?: string;
  readonly cpuLimit?: string;
  readonly memoryLimit?: string;
  /** Number of GPUs (`nvidia.com/gpu`). */
  readonly gpu?: number;
}

export interface ScalingOptions {
  /** 0 (Knative only) lets the last pod go. @default 1 */
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  /** Standard: cpu or memory, in percent of the request; Knative: concurrency or rps, per pod. */
  readonly metric?: "cpu" | "memory" | "concurrency" | "rps";
  readonly target?: number;
}

export interface CanaryOptions {
  /** Part of the traffic, 0 to 100. */
  readonly percent: number;
  /** Standard: the new model. Knative takes the change of `predictor` itself as the canary. */
  readonly storageUri?: string;
}
