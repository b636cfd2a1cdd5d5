import { nearestName } from "../../../nearest-name.ts";
import type { Field } from "../field.ts";
import { error, type Remark, warning } from "../finding.ts";
import type { Service } from "../service/service.ts";
import type { NeighbourCheckTable } from "./neighbour.ts";

/** HorizontalPodAutoscalers that stand beside an InferenceService. */
export const AUTOSCALER_CHECKS: NeighbourCheckTable = {
  "autoscaler-range": checkRange,
  "autoscaler-target": checkTarget,
  "autoscaler-second": checkSecond,
};

function* checkRange(root: Field): Iterable<Remark> {
  const [low, high] = [root.at("spec", "minReplicas"), root.at("spec", "maxReplicas")];
  if (!high.exists)
    yield error(high, "The API server refuses an autoscaler without maxReplicas.", "Write maxReplicas.");
  if ((low.number ?? 1) > (high.number ?? Number.POSITIVE_INFINITY)) {
    yield error(
      low,
      `The API server refuses a minimum of ${low.source} replicas above the maximum of ${high.source}.`,
      `Write maxReplicas: ${low.source} or more.`,
    );
  }
}

function* checkTarget(root: Field, services: readonly Service[]): Iterable<Remark> {
  const target = root.at("spec", "scaleTargetRef");
  const [kind, name] = [target.at("kind"), target.at("name")];
  if (kind.text === "InferenceService") {
    yield error(
      kind,
      "An InferenceService cannot be scaled by an autoscaler: it has no scale of its own.",
      `Write kind: Deployment and name: ${name.text ?? "NAME"}-transformer or ${name.text ?? "NAME"}-predictor.`,
    );
    return;
  }
  if (kind.text !== "Deployment" || name.text === undefined) return;
  const known = services.flatMap(deploymentsOf);
  const near = known.includes(name.text) ? undefined : nearestName(name.text, known);
  if (near !== undefined) {
    yield error(name, `Nothing here makes a Deployment ${name.text}: the autoscaler scales nothing.`, `Write ${near}.`);
  }
}

/** KServe makes an autoscaler of its own, and two of them undo what the other does. */
function* checkSecond(root: Field, services: readonly Service[]): Iterable<Remark> {
  const target = root.at("spec", "scaleTargetRef");
  const service = services.find((candidate) => deploymentsOf(candidate).includes(target.at("name").text ?? ""));
  if (service === undefined || target.at("kind").text !== "Deployment") return;
  if (service.mode === "Knative") {
    yield error(
      target,
      `${service.name} is in Knative mode, whose revisions Knative scales: there is no such Deployment.`,
      "Remove the autoscaler, and set minReplicas, maxReplicas, scaleMetric and scaleTarget in the service.",
    );
    return;
  }
  const autoscaler = service.root.at("metadata", "annotations", "serving.kserve.io/autoscalerClass").text;
  if (autoscaler === "external") return;
  yield warning(
    target,
    `KServe makes an autoscaler of its own for ${target.at("name").text}: two of them change the same number of pods by turns.`,
    `Write the annotation serving.kserve.io/autoscalerClass: external in the service ${service.name}, or scale it by its own fields.`,
  );
}

/** The Deployments that KServe makes in Standard mode. */
function deploymentsOf({ name, transformer, root }: Service): readonly string[] {
  if (name === undefined) return [];
  const parts = ["predictor", ...(transformer.exists ? ["transformer"] : [])];
  return [...parts, ...(root.at("spec", "explainer").exists ? ["explainer"] : [])].map((part) => `${name}-${part}`);
}
