export { formatManifests } from "./format-manifests.ts";
export { createInferenceService, createManifests } from "./inference-service.ts";
export type {
  CanaryOptions,
  CredentialOptions,
  InferenceServiceOptions,
  PredictorOptions,
  ResourceOptions,
  ScalingOptions,
  TransformerOptions,
} from "./inference-service-options.ts";
export type { InferenceService, KubernetesObject, Secret, ServiceAccount } from "./kserve-objects.ts";
export type { PredictorProtocol } from "./runtimes.ts";
