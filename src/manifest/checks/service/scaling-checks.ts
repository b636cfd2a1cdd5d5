import type { Field } from "../field.ts";
import { error, type Remark, warning } from "../finding.ts";
import { findFlag } from "./arguments.ts";
import type { Service, ServiceCheckTable } from "./service.ts";

export const SCALING_CHECKS: ServiceCheckTable = {
  replicas: checkReplicas,
  "scale-metric": checkScaleMetric,
  "scale-target": checkScaleTarget,
  concurrency: checkConcurrency,
  "autoscaler-none": checkNoAutoscaler,
  workers: checkWorkers,
};

/** Where the manifest leaves the mode to the cluster, what only Standard ignores is said with that reserve. */
export function standardOnly(service: Service): string | undefined {
  if (service.mode === "Standard") return "In Standard mode";
  return service.mode === undefined ? "In Standard mode (this manifest leaves the mode to the cluster)" : undefined;
}

function* checkReplicas(service: Service): Iterable<Remark> {
  const inStandard = standardOnly(service);
  for (const component of components(service)) {
    const [low, high] = [component.at("minReplicas"), component.at("maxReplicas")];
    const [minimum, maximum] = [low.number, high.number];
    for (const field of [low, high]) {
      if ((field.number ?? 0) < 0) yield error(field, `KServe refuses ${field.source} replicas.`, "Write 1 or more.");
    }
    if (minimum !== undefined && maximum !== undefined && maximum > 0 && minimum > maximum) {
      yield error(
        low,
        `KServe refuses a minimum of ${minimum} replicas above the maximum of ${maximum}.`,
        `Write maxReplicas: ${minimum} or more.`,
      );
    }
    if (minimum === 0 && inStandard !== undefined) {
      yield warning(
        low,
        `${inStandard} minReplicas: 0 is taken for 1 without a word: only Knative scales to zero.`,
        "Write 1, or use Knative mode.",
      );
    }
  }
}

function* checkScaleMetric(service: Service): Iterable<Remark> {
  const inStandard = standardOnly(service);
  for (const component of components(service)) {
    const field = component.at("scaleMetric");
    const metric = field.text;
    if (metric === undefined) continue;
    if (!["cpu", "memory", "concurrency", "rps"].includes(metric)) {
      yield error(
        field,
        `The API server refuses the scale metric ${metric}.`,
        "Write cpu, memory, concurrency or rps.",
      );
    } else if (metric === "concurrency" || metric === "rps") {
      if (inStandard === undefined) continue;
      yield warning(
        field,
        `${inStandard} scaleMetric: ${metric} is taken without a word and pods scale at 80 % cpu: ${metric} is Knative's.`,
        "Write cpu or memory, or use Knative mode.",
      );
    } else if (service.mode === "Knative" && knativeClass(service) === undefined) {
      yield error(
        field,
        `KServe refuses scaleMetric: ${metric} in Knative mode, whose autoscaler knows concurrency and rps.`,
        "Write concurrency or rps, or the annotation autoscaling.knative.dev/class: hpa.autoscaling.knative.dev.",
      );
    } else if (metric === "memory" && !component.at("scaleTarget").exists) {
      yield warning(
        field,
        "scaleMetric: memory has no target, and KServe sets none: the autoscaler falls back to 80 % cpu.",
        "Write scaleTarget, in percent of the memory request.",
      );
    }
  }
}

function* checkScaleTarget(service: Service): Iterable<Remark> {
  for (const component of components(service)) {
    const field = component.at("scaleTarget");
    const metric = component.at("scaleMetric").text ?? (service.mode === "Knative" ? "concurrency" : "cpu");
    if (field.number === undefined) continue;
    if (field.number < 1) {
      yield error(
        field,
        `A scale target of ${field.source} is admitted, then the autoscaler is refused: it must be greater than 0.`,
        metric === "cpu" || metric === "memory" ? "Write a percentage, 1 to 100." : "Write 1 or more.",
      );
    } else if (field.number > 100 && (metric === "cpu" || metric === "memory") && service.mode === "Standard") {
      yield warning(
        field,
        `The scale target of ${metric} is a percentage of the request; ${field.source} lets pods run far beyond it.`,
        "Write 1 to 100.",
      );
    }
  }
}

function* checkConcurrency(service: Service): Iterable<Remark> {
  for (const component of components(service)) {
    const field = component.at("containerConcurrency");
    if ((field.number ?? 0) < 0) {
      yield error(field, 'KServe refuses it: "parallelism cannot be less than 0".', "Write 1 or more, or remove it.");
    } else if (field.exists && service.mode === "Standard" && hasCollocated(service, component)) {
      yield warning(
        field,
        "In Standard mode containerConcurrency has no effect on a collocated transformer: the controller adds no --workers there.",
        "Remove it, or write --workers or --max_concurrency in the transformer's args.",
      );
    }
  }
}

function hasCollocated({ transformers }: Service, component: Field): boolean {
  return transformers.some((container) => container.isCollocated && container.component.path === component.path);
}

/** Without an autoscaler the number of pods is the minimum. */
function* checkNoAutoscaler(service: Service): Iterable<Remark> {
  if (service.root.at("metadata", "annotations", "serving.kserve.io/autoscalerClass").text !== "none") return;
  for (const component of components(service)) {
    for (const name of ["maxReplicas", "scaleMetric", "scaleTarget"]) {
      const field = component.at(name);
      if (!field.exists) continue;
      yield warning(
        field,
        `The autoscaler class none keeps the minimum of replicas: ${name} has no effect.`,
        `Remove ${name}, or the annotation.`,
      );
    }
  }
}

/** Knative's limit of requests, which the controller also takes for a number of processes. */
function* checkWorkers({ mode, transformer }: Service): Iterable<Remark> {
  const field = transformer.at("containerConcurrency");
  const [container] = transformer.at("containers").items();
  if (mode !== "Knative" || (field.number ?? 0) < 2 || container === undefined) return;
  if (findFlag(container, "workers") !== undefined) return;
  yield warning(
    field,
    `The controller also passes it on as --workers ${field.source}: so many processes in one container.`,
    'Write args: [--workers, "1"], or how many there shall be.',
  );
}

/** The components that scale, those that are written. */
export function components({ predictor, transformer, root }: Service): readonly Field[] {
  return [predictor, transformer, root.at("spec", "explainer")].filter((component) => component.exists);
}

function knativeClass({ root, transformer, predictor }: Service): string | undefined {
  const key = "autoscaling.knative.dev/class";
  return [root.at("metadata"), transformer, predictor].map((field) => field.at("annotations", key).text).find(Boolean);
}
