import { nearestName } from "../../nearest-name.ts";
import { NEIGHBOUR_CHECKS } from "./beside/neighbour-checks.ts";
import { error, type Finding, type Remark } from "./finding.ts";
import { readGraph } from "./graph/graph.ts";
import { GRAPH_CHECKS } from "./graph/graph-checks.ts";
import { type ManifestObject, readObjects } from "./objects.ts";
import { readService, type Service, type ServiceSurroundings } from "./service/service.ts";
import { SERVICE_CHECKS } from "./service/service-checks.ts";

export interface CheckResult {
  /** Number of InferenceServices in the file, those in a List too. */
  readonly services: number;
  /** Every object that was judged, by kind: InferenceService, InferenceGraph, HorizontalPodAutoscaler, Service. */
  readonly checked: Readonly<Record<string, number>>;
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
 * What a cluster with KServe 0.20 would refuse, fail on later, or ignore in silence, in every InferenceService and
 * InferenceGraph of a YAML file, and in the Services and autoscalers beside them. It knows the manifest only: not the
 * cluster's own runtimes, quotas and policies.
 */
export function checkManifest(text: string, surroundings: ServiceSurroundings = {}): CheckResult {
  const file = readObjects(text);
  const findings = [...file.findings];
  const checked: Record<string, number> = {};
  const passedOver: Record<string, number> = {};
  const services = new Map(
    file.objects
      .filter(({ kind }) => kind === "InferenceService")
      .map((object) => [object, readService(object.root, surroundings)]),
  );
  for (const object of file.objects) {
    const checks = findChecks(object, services, surroundings);
    if (checks === undefined) {
      const misspelt = checkKind(object);
      if (misspelt === undefined) passedOver[object.kind] = (passedOver[object.kind] ?? 0) + 1;
      else findings.push(misspelt);
      continue;
    }
    checked[object.kind] = (checked[object.kind] ?? 0) + 1;
    for (const [check, run] of checks) {
      for (const remark of run()) findings.push({ check, ...remark, path: pathIn(object.place, remark.path) });
    }
  }
  return { services: services.size, checked, passedOver, findings: findings.sort((a, b) => a.line - b.line) };
}

type Checks = readonly (readonly [name: string, run: () => Iterable<Remark>])[];

/** The checks of an object; undefined for a kind that nothing is known of. */
function findChecks(
  object: ManifestObject,
  services: ReadonlyMap<ManifestObject, Service>,
  surroundings: ServiceSurroundings,
): Checks | undefined {
  const { kind, root } = object;
  const service = services.get(object);
  if (service !== undefined) return Object.entries(SERVICE_CHECKS).map(([name, run]) => [name, () => run(service)]);
  if (kind === "InferenceGraph") {
    const graph = readGraph(root);
    return Object.entries(GRAPH_CHECKS).map(([name, run]) => [name, () => run(graph)]);
  }
  // Knative calls a kind Service too.
  const isCore = /^(v1|autoscaling\/v\d\w*)$/.test(root.at("apiVersion").text ?? "");
  const table = isCore && !isMadeByKServe(root) ? NEIGHBOUR_CHECKS[kind] : undefined;
  if (table === undefined) return undefined;
  const namespace = root.at("metadata", "namespace").text ?? surroundings.namespace ?? "default";
  const neighbours = [...services.values()].filter((candidate) => candidate.namespace === namespace);
  return Object.entries(table).map(([name, run]) => [name, () => run(root, neighbours)]);
}

/** What `kubectl get` prints beside the services that KServe made it for. */
function isMadeByKServe(root: ManifestObject["root"]): boolean {
  const metadata = root.at("metadata");
  const owners = metadata.at("ownerReferences").items();
  return (
    owners.some((owner) => owner.at("kind").text === "InferenceService") ||
    metadata.at("labels", "app").text?.startsWith("isvc.") === true
  );
}

function isOfKServe(root: ManifestObject["root"]): boolean {
  return /^serving\.(kserve|kubeflow)\./.test(root.at("apiVersion").text ?? "");
}

function checkKind({ root, kind, place }: ManifestObject): Finding | undefined {
  if (!isOfKServe(root) || KSERVE_KINDS.includes(kind)) return undefined;
  const near = nearestName(kind, KSERVE_KINDS);
  const message = `KServe knows no kind ${kind}: the object is refused.`;
  const field = root.at("kind");
  const fix = `Write ${near ?? `one of ${KSERVE_KINDS.join(", ")}`}.`;
  const remark = error(field, message, fix, near === undefined ? undefined : field.toWritten(near));
  return { check: "kind", ...remark, path: pathIn(place, remark.path) };
}

function pathIn(place: string, path: string): string {
  return place === "" || path === "" ? place + path : `${place}.${path}`;
}
