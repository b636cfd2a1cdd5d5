import { invalidArgument } from "../../errors.ts";
import { assertManifests } from "../checks/assert-manifests.ts";
import {
  type CanaryComponent,
  defined,
  type InferenceService,
  type KubernetesObject,
  type PredictorComponent,
  type PredictorModel,
} from "../kserve-objects.ts";
import { createPredictorExtensions, createTransformerExtensions } from "./component-extensions.ts";
import { createEnvironment } from "./environment-variables.ts";
import type { InferenceServiceOptions } from "./inference-service-options.ts";
import { type ResolvedOptions, resolveInferenceServiceOptions } from "./resolve-options.ts";
import { createResources } from "./resources.ts";
import { createStorageAccess } from "./storage.ts";
import { terminationGracePeriod } from "./transformer-arguments.ts";
import { createTransformerContainer } from "./transformer-container.ts";

/**
 * The InferenceService of a transformer and its predictor, as KServe 0.20 takes it: what would be refused, fail later or be
 * ignored is an error here.
 *
 * @throws InferenceError invalid_argument that names the option, what was expected and what came
 */
export function createInferenceService(options: InferenceServiceOptions): InferenceService {
  const resolved = resolveInferenceServiceOptions(options);
  const { service } = createWithAccess(resolved);
  assertManifests([service]);
  return service;
}

/**
 * Everything to apply, in order: Secret and ServiceAccount with placeholders where the options ask for them, then the
 * InferenceService.
 *
 * @throws InferenceError invalid_argument as `createInferenceService` does
 */
export function createManifests(options: InferenceServiceOptions): KubernetesObject[] {
  const { service, access } = createWithAccess(resolveInferenceServiceOptions(options));
  const objects = [...access.objects, service];
  assertManifests(objects);
  return objects;
}

function createWithAccess(options: ResolvedOptions) {
  const { name, namespace, layout, predictor } = options;
  const access = createStorageAccess(name, namespace, predictor.storageUri, predictor.credentials ?? {});
  const container = createTransformerContainer(options);
  const grace = options.mode === "Standard" ? terminationGracePeriod(options.timeoutSeconds) : undefined;
  const canary = createCanary(options);
  const predictorComponent: PredictorComponent = defined({
    name: canary === undefined ? undefined : "stable",
    ...(layout === "collocated" ? createTransformerExtensions(options) : createPredictorExtensions(options)),
    serviceAccountName: access.serviceAccountName,
    terminationGracePeriodSeconds: layout === "collocated" ? grace : undefined,
    model: createModel(options, predictor.storageUri),
    workerSpec: options.runtime?.multiNode === true ? { pipelineParallelSize: 2, tensorParallelSize: 1 } : undefined,
    containers: layout === "collocated" ? [container] : undefined,
  });
  const service: InferenceService = {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: defined({ name, namespace, annotations: createAnnotations(options) }),
    spec: defined({
      predictor: predictorComponent,
      canary: canary && [{ ...canary, predictor: { ...predictorComponent, ...canary.predictor } }],
      transformer:
        layout === "collocated"
          ? undefined
          : defined({
              ...createTransformerExtensions(options),
              terminationGracePeriodSeconds: grace,
              containers: [container],
            }),
    }),
  };
  return { service, access };
}

function createModel(options: ResolvedOptions, storageUri: string): PredictorModel {
  const { predictor, protocol, layout, predictorPort } = options;
  const isGrpc = protocol?.startsWith("grpc") === true;
  return defined({
    modelFormat: defined({ name: predictor.format, version: predictor.formatVersion }),
    runtime: predictor.runtime,
    protocolVersion: protocol,
    storageUri,
    env: createEnvironment(predictor.env),
    // The service's port 80 leads to the first port; in one pod the transformer needs no service.
    ports:
      isGrpc && layout === "standalone"
        ? [{ containerPort: predictorPort, name: "h2c", protocol: "TCP" as const }]
        : undefined,
    resources: createResources({ cpu: "1", memory: "2Gi", cpuLimit: "1" }, predictor.resources),
  });
}

function createAnnotations({ mode, autoscaler, annotations }: ResolvedOptions): Record<string, string> {
  return {
    "serving.kserve.io/deploymentMode": mode,
    ...(autoscaler === undefined ? {} : { "serving.kserve.io/autoscalerClass": autoscaler }),
    ...annotations,
  };
}

/** The canary of Standard mode: a predictor of another name beside the stable one. */
function createCanary(options: ResolvedOptions): CanaryComponent | undefined {
  const { mode, canary } = options;
  if (canary === undefined) return undefined;
  if (mode === "Knative") {
    if (canary.storageUri === undefined) return undefined;
    throw invalidArgument(
      "Knative splits between the last revision and this one: put the new model's URI into storage URI",
    );
  }
  if (canary.storageUri === undefined)
    throw invalidArgument("the canary has no storage URI of its own; expected where the new model lies");
  // KServe's schema wants a name in a canary's model, and its validator wants it empty.
  return {
    trafficPercent: canary.percent,
    predictor: { name: "canary", model: { name: "", ...createModel(options, canary.storageUri) } },
  };
}
