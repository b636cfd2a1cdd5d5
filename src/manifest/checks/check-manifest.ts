import { nearestName } from "../../nearest-name.ts";
import { error, type Finding } from "./finding.ts";
import { type ManifestObject, readObjects } from "./objects.ts";
import { readService, type ServiceSurroundings } from "./service/service.ts";
import { SERVICE_CHECKS } from "./service/service-checks.ts";

export interface CheckResult {
  /** Number of InferenceServices in the file, those in a List too. */
  readonly services: number;
  /** Objects of kinds that are not judged here, by kind. */
  readonly passedOver: Readonly<Record<string, number>>;
  /** By line. */
  readonly findings: readonly Finding[];
}

/** Kinds of KServe's API group; another one in it is a misspelt one. */
const KSERVE_KINDS: readonly string[] = [
  "InferenceService",
  "InferenceGraph",
  "ServingRuntime",
  "ClusterServingRuntime",
  "ClusterStorageContainer",
  "TrainedModel",
  "LocalModelCache",
  "LocalModelNamespaceCache",
  "LocalModelNode",
  "LocalModelNodeGroup",
  "LLMInferenceService",
  "LLMInferenceServiceConfig",
];

/**
 * What a cluster with KServe 0.20 would refuse, fail on later, or ignore in silence, in every InferenceService of a YAML
 * file. It knows the manifest only: not the cluster's own runtimes, quotas and policies.
 */
export function checkManifest(text: string, surroundings: ServiceSurroundings = {}): CheckResult {
  const file = readObjects(text);
  const findings = [...file.findings];
  const passedOver: Record<string, number> = {};
  let services = 0;
  for (const object of file.objects) {
    if (object.kind === "InferenceService") {
      services += 1;
      findings.push(...checkService(object, surroundings));
    } else {
      const misspelt = checkKind(object);
      if (misspelt === undefined) passedOver[object.kind] = (passedOver[object.kind] ?? 0) + 1;
      else findings.push(misspelt);
    }
  }
  return { services, passedOver, findings: findings.sort((a, b) => a.line - b.line) };
}

function checkService({ root, place }: ManifestObject, surroundings: ServiceSurroundings): readonly Finding[] {
  const service = readService(root, surroundings);
  return Object.entries(SERVICE_CHECKS).flatMap(([check, run]) =>
    [...run(service)].map((remark) => ({ check, ...remark, path: pathIn(place, remark.path) })),
  );
}

function checkKind({ root, kind, place }: ManifestObject): Finding | undefined {
  const isKServe = /^serving\.(kserve|kubeflow)\./.test(root.at("apiVersion").text ?? "");
  if (!isKServe || KSERVE_KINDS.includes(kind)) return undefined;
  const near = nearestName(kind, KSERVE_KINDS);
  const message = `KServe knows no kind ${kind}: the object is refused.`;
  const remark = error(root.at("kind"), message, `Write ${near ?? `one of ${KSERVE_KINDS.join(", ")}`}.`);
  return { check: "kind", ...remark, path: pathIn(place, remark.path) };
}

function pathIn(place: string, path: string): string {
  return place === "" || path === "" ? place + path : `${place}.${path}`;
}
