import { nearestName } from "../../../nearest-name.ts";
import { error, type Remark, warning } from "../finding.ts";
import type { Service, ServiceCheckTable } from "./service.ts";

export const ANNOTATION_CHECKS: ServiceCheckTable = {
  "autoscaler-class": checkAutoscalerClass,
  "autoscaler-annotation": checkAutoscalerAnnotations,
  annotation: checkAnnotationNames,
};

const AUTOSCALER_CLASSES: readonly string[] = ["hpa", "keda", "external", "none"];

/** What KServe 0.20 reads below `serving.kserve.io/` in an InferenceService's annotations. */
export const KNOWN_ANNOTATIONS: readonly string[] = [
  "autoscalerClass",
  "deploymentMode",
  "disable-auto-update",
  "disable-localmodel",
  "enable-metric-aggregation",
  "enable-prometheus-scraping",
  "enable-tag-routing",
  "exp-dra-cel-selector",
  "exp-dra-container-name",
  "exp-dra-device-class",
  "exp-dra-device-count",
  "gke-accelerator",
  "gpu-resource-types",
  "inferencepool-migrated",
  "logger-secret-file",
  "logger-secret-name",
  "logger-secret-path",
  "metrics",
  "nodegroup",
  "s3-cabundle",
  "s3-cabundle-configmap",
  "s3-endpoint",
  "s3-region",
  "s3-useaccelerate",
  "s3-useanoncredential",
  "s3-usehttps",
  "s3-usevirtualbucket",
  "s3-verifyssl",
  "secretName",
  "stop",
  "storageSecretName",
  "targetUtilizationPercentage",
];

const GROUP = "serving.kserve.io/";

function* checkAutoscalerClass({ root, mode }: Service): Iterable<Remark> {
  const field = root.at("metadata", "annotations", `${GROUP}autoscalerClass`);
  if (field.text === undefined) return;
  if (!AUTOSCALER_CLASSES.includes(field.text)) {
    yield error(field, `KServe refuses the autoscaler class ${field.text}.`, `Write ${AUTOSCALER_CLASSES.join(", ")}.`);
  } else if (mode === "Knative") {
    yield warning(
      field,
      "The autoscaler class is read in Standard mode only.",
      "Remove it; Knative's own is the annotation autoscaling.knative.dev/class.",
    );
  }
}

function* checkAnnotationNames({ root }: Service): Iterable<Remark> {
  for (const [name, field] of root.at("metadata", "annotations").fields()) {
    if (!name.startsWith(GROUP) || KNOWN_ANNOTATIONS.includes(name.slice(GROUP.length))) continue;
    const near = nearestName(name.slice(GROUP.length), KNOWN_ANNOTATIONS);
    yield warning(
      field,
      `KServe reads no annotation ${name}: it is kept and has no effect.`,
      near === undefined ? "Remove it." : `Write ${GROUP}${near}.`,
    );
  }
}

function* checkAutoscalerAnnotations({ root, mode }: Service): Iterable<Remark> {
  if (mode !== "Standard") return;
  for (const [name, field] of root.at("metadata", "annotations").fields()) {
    if (!name.startsWith("autoscaling.knative.dev/")) continue;
    yield warning(
      field,
      `${name} is Knative's, and this service is in Standard mode: it has no effect.`,
      "Use minReplicas, maxReplicas, scaleMetric and scaleTarget, or Knative mode.",
    );
  }
}
