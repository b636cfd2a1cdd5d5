export { type CheckResult, checkManifest } from "./checks/check-manifest.ts";
export type { Edit } from "./checks/field.ts";
export type { Finding, Severity } from "./checks/finding.ts";
export { type FixedManifest, fixManifest } from "./checks/fix-manifest.ts";
export type { ServiceSurroundings } from "./checks/service/service.ts";
export { diffManifests, type ManifestDifference } from "./diff-manifests.ts";
export { formatManifests } from "./format-manifests.ts";
export {
  createInferenceGraph,
  type GraphStepOptions,
  type InferenceGraph,
  type InferenceGraphOptions,
} from "./inference-graph.ts";
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
export { createKafkaSource, type KafkaSource, type KafkaSourceOptions } from "./kafka-source.ts";
export type { InferenceService, KubernetesObject, Secret, ServiceAccount } from "./kserve-objects.ts";
export type { RuntimeProtocol } from "./runtimes.ts";
