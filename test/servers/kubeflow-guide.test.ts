import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";

const GUIDES = fileURLToPath(new URL("../../docs/guides/", import.meta.url));
const PIPELINE = join(GUIDES, "kubeflow/pipeline.py");
const MAKE_VENV = fileURLToPath(new URL("make-venv.sh", import.meta.url));
const CLUSTER = fileURLToPath(new URL("kubeflow/cluster.py", import.meta.url));

let python: string;
beforeAll(() => {
  python = join(execFileSync("bash", [MAKE_VENV, "kubeflow"], { encoding: "utf8" }).trim(), "bin/python");
});

interface Result {
  readonly returned?: string;
  readonly raised?: string;
  readonly asked: readonly (readonly [method: string, path: string, body?: { metadata: object; spec: object }])[];
}

/** What a component did with a Kubernetes API on loopback. */
function run(name: string): Result {
  const output = execFileSync(python, ["-W", "ignore", CLUSTER, name], { encoding: "utf8" });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

test("the guide's pipeline compiles to KFP v2, with its two steps one after the other", () => {
  const folder = mkdtempSync(join(tmpdir(), "kubeflow-"));
  execFileSync(python, ["-W", "ignore", PIPELINE], { cwd: folder });
  const [pipeline] = parseAllDocuments(readFileSync(join(folder, "pipeline.yaml"), "utf8"));
  rmSync(folder, { recursive: true });
  const { schemaVersion, root, components } = pipeline?.toJS() ?? {};
  expect(schemaVersion).toBe("2.1.0");
  expect(Object.keys(components)).toEqual(["comp-deploy-inference-service", "comp-predict"]);
  expect(root.dag.tasks["predict"].dependentTasks).toEqual(["deploy-inference-service"]);
});

test("the guides' Python files compile", () => {
  const files = readdirSync(GUIDES, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".py"));
  expect(files.length).toBeGreaterThan(2);
  const script = "import ast, sys; [ast.parse(open(name).read(), name) for name in sys.argv[1:]]";
  execFileSync(python, ["-c", script, ...files.map((file) => join(GUIDES, file))]);
});

test("a new service is created with strict validation, and its address is returned once it is ready", () => {
  const { returned, asked } = run("new");
  expect(returned).toBe("http://clothes-transformer.lab.svc.cluster.local");
  const [, create] = asked;
  expect(create?.[0]).toBe("POST");
  expect(create?.[1]).toContain("fieldValidation=Strict");
  expect(create?.[2]?.spec).toEqual({ predictor: { minReplicas: 2 } });
});

test("a service that is there is replaced whole, and the readiness of its old pods does not count", () => {
  const { returned, asked } = run("changed");
  expect(returned).toBe("http://clothes-transformer.lab.svc.cluster.local");
  const replace = asked.find(([method]) => method === "PUT");
  expect(replace?.[1]).toContain("fieldValidation=Strict");
  expect(replace?.[2]).toMatchObject({ metadata: { resourceVersion: "7" }, spec: { predictor: { minReplicas: 2 } } });
  expect(replace?.[2]?.spec).not.toHaveProperty("predictor.canaryTrafficPercent");
});

test("a service that never becomes ready fails the step with what its conditions say", () => {
  expect(run("never").raised).toBe("TimeoutError: clothes is not ready after 0.05 s: Ready: no runtime found");
});

test("what the API refuses fails the step at once", () => {
  expect(run("refused").raised).toContain("strict decoding error: unknown field");
});

test("a manifest without an InferenceService fails the step", () => {
  expect(run("empty")).toMatchObject({ raised: "ValueError: the manifest has no InferenceService", asked: [] });
});

test("the second step asks the transformer", () => {
  expect(JSON.parse(run("predict").returned ?? "")).toEqual({ predictions: [1, 2] });
});
