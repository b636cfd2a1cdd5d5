export { type CheckResult, checkManifest } from "./checks/check-manifest.ts";
export type { Finding, Severity } from "./checks/finding.ts";
export type { ServiceSurroundings } from "./checks/service/service.ts";
export { formatManifests } from "./format-manifests.ts";
export { createInferenceService, createManifests } from "./inference-service/inference-service.ts";
export type {
  CanaryOptions,
  CredentialOptions,
  InferenceServiceOptions,
  PredictorOptions,
  ResourceOptions,
  ScalingOptions,
  TransformerOptions,
} from "./inference-service/inference-service-options.ts";
export type { InferenceService, KubernetesObject, Secret, ServiceAccount } from "./kserve-objects.ts";
export type { PredictorProtocol } from "./runtimes.ts";
