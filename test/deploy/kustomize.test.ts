import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { stringify } from "yaml";
import { deploy, findObject, findProgram, problemsOf, readObjects } from "./rendering.ts";

const kustomize = findProgram("kustomize");
const describeWithKustomize = kustomize === undefined ? describe.skip : describe;

function build(folder: string): string {
  const { stdout, stderr, status } = spawnSync(kustomize ?? "", ["build", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** An overlay of the base with components, as a user writes one; components lie within reach by a relative path only. */
function buildWith(...components: readonly string[]): string {
  const folder = mkdtempSync(join(deploy, "kustomize", ".overlay-"));
  try {
    const overlay = {
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      namePrefix: "clothes-",
      resources: ["../base"],
      components: components.map((name) => `../components/${name}`),
      images: [{ name: "kserve-transformer", newName: "registry.example/clothes", newTag: "7" }],
    };
    writeFileSync(join(folder, "kustomization.yaml"), stringify(overlay));
    return build(relative(process.cwd(), folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeWithKustomize("the Kustomize base", () => {
  test.each([
    [[]],
    [["knative"]],
    [["keda"]],
    [["s3"]],
    [["network-policy"]],
    [["monitoring"]],
    [["keda", "s3", "network-policy", "monitoring"]],
    [["knative", "s3", "monitoring"]],
  ])("with %j passes check and KServe's schema", (components) => {
    expect(problemsOf(buildWith(...components))).toEqual([]);
  });

  test("the example passes too, in its namespace", () => {
    const rendering = build(join(deploy, "kustomize/example"));
    expect(problemsOf(rendering)).toEqual([]);
    expect(new Set(readObjects(rendering).map(({ metadata }) => metadata.namespace))).toEqual(new Set(["lab"]));
  });

  test("an overlay's name reaches every place that means the service, and its image the container", () => {
    const objects = readObjects(buildWith("network-policy", "monitoring", "s3"));
    const service = findObject(objects, "InferenceService");
    expect(service.metadata.name).toBe("clothes-transformer");
    const label = { "serving.kserve.io/inferenceservice": "clothes-transformer" };
    expect(findObject(objects, "PodDisruptionBudget").spec).toMatchObject({ selector: { matchLabels: label } });
    expect(findObject(objects, "ServiceMonitor").spec).toMatchObject({ selector: { matchLabels: label } });
    expect(findObject(objects, "NetworkPolicy").spec).toMatchObject({
      podSelector: { matchLabels: label },
      egress: [{}, { to: [{ podSelector: { matchLabels: label } }] }],
    });
    expect(service.spec).toMatchObject({
      predictor: { serviceAccountName: "clothes-storage" },
      transformer: { containers: [{ image: "registry.example/clothes:7" }] },
    });
  });

  test("Knative's overlay has no budget of pods, which Knative keeps itself", () => {
    expect(readObjects(buildWith("knative")).map(({ kind }) => kind)).toEqual(["InferenceService"]);
  });
});
