import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type DoctorRun, faultsOf, runDoctor } from "./run-doctor.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kubectl-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a kubectl prints for the beginning of its words; what is not there is an error of its own kind. */
type Replies = Readonly<Record<string, unknown>>;

/** A stand-in kubectl on PATH that knows these replies, and writes down whatever else it is asked. */
async function doctor(replies: Replies): Promise<DoctorRun> {
  const file = join(folder, "kubectl");
  writeFileSync(join(folder, "replies.json"), JSON.stringify(replies));
  writeFileSync(
    file,
    `#!${process.execPath}
     const replies = JSON.parse(require("node:fs").readFileSync(${JSON.stringify(join(folder, "replies.json"))}, "utf8"));
     const words = process.argv.slice(2).join(" ");
     if (/\\b(apply|create|delete|patch|edit|scale)\\b/.test(words)) process.exit(99);
     const key = Object.keys(replies).filter((each) => words.startsWith(each)).sort((a, b) => b.length - a.length)[0];
     const reply = replies[key];
     if (key === undefined || typeof reply === "string") {
       console.error(reply ?? "Error from server (NotFound): not found");
       process.exit(1);
     }
     console.log(JSON.stringify(reply));`,
  );
  chmodSync(file, 0o755);
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"]}` };
  return runDoctor(["--only", "cluster", "--namespace", "shop"], { env });
}

const service = (changes: object = {}) => ({
  apiVersion: "serving.kserve.io/v1beta1",
  kind: "InferenceService",
  metadata: { name: "clothes", namespace: "shop", annotations: { "serving.kserve.io/deploymentMode": "Standard" } },
  spec: {
    predictor: { model: { modelFormat: { name: "sklearn" }, storageUri: "s3://models/clothes" } },
    transformer: { containers: [{ name: "kserve-container", image: "registry.example/clothes:1" }] },
  },
  status: { url: "http://clothes.shop.example.com", conditions: [{ type: "Ready", status: "True" }] },
  ...changes,
});

const unready = service({
  status: {
    conditions: [
      { type: "Ready", status: "False" },
      { type: "TransformerReady", status: "False", message: "Minimum replicas unavailable" },
    ],
  },
});

const pods = (status: object) => ({ items: [{ metadata: { name: "clothes-transformer-0" }, status }] });
const waiting = (reason: string, more: object = {}, name = "kserve-container") =>
  pods({ containerStatuses: [{ name, state: { waiting: { reason } }, ...more }] });

const WELL: Replies = {
  version: { serverVersion: { gitVersion: "v1.34.1" } },
  "get crd inferenceservices.serving.kserve.io": {},
  "get deployment kserve-controller-manager -n kserve": { status: { availableReplicas: 1 } },
  "get configmap inferenceservice-config -n kserve": { data: { deploy: '{"defaultDeploymentMode": "Standard"}' } },
  "get inferenceservices -n shop": { items: [service()] },
};

const NOT_READY = { "get inferenceservices -n shop": { items: [unready] } };
const PODS = "get pods -n shop -l serving.kserve.io/inferenceservice=clothes";

test.each<[string, Replies, readonly string[], RegExp]>([
  [
    "a cluster that does not answer",
    { version: "Unable to connect to the server: i/o timeout" },
    ["cluster/kubectl"],
    /i\/o timeout/,
  ],
  ["a cluster without KServe", { version: WELL["version"] }, ["cluster/kserve"], /not installed/],
  [
    "a controller that does not run",
    { "get deployment kserve-controller-manager -n kserve": { status: {} } },
    ["cluster/kserve"],
    /does not run/,
  ],
  [
    "Knative's mode without Knative",
    { "get configmap inferenceservice-config -n kserve": { data: { deploy: '{"defaultDeploymentMode": "Knative"}' } } },
    ["cluster/mode"],
    /Knative is not installed/,
  ],
  ["a service that is not ready", NOT_READY, ["cluster/service"], /TransformerReady: Minimum replicas/],
  [
    "an image that is not there",
    { ...NOT_READY, [PODS]: waiting("ImagePullBackOff") },
    ["cluster/service", "cluster/pod"],
    /ImagePullBackOff/,
  ],
  [
    "a missing secret",
    { ...NOT_READY, [PODS]: waiting("CreateContainerConfigError") },
    ["cluster/service", "cluster/pod"],
    /CreateContainerConfigError/,
  ],
  [
    "a wrong flag",
    { ...NOT_READY, [PODS]: waiting("CrashLoopBackOff", { lastState: { terminated: { exitCode: 2 } } }) },
    ["cluster/service", "cluster/pod"],
    /exit code 2/,
  ],
  [
    "too little memory",
    { ...NOT_READY, [PODS]: waiting("CrashLoopBackOff", { lastState: { terminated: { reason: "OOMKilled" } } }) },
    ["cluster/service", "cluster/pod"],
    /was killed/,
  ],
  [
    "a model that cannot be fetched",
    { ...NOT_READY, [PODS]: waiting("CrashLoopBackOff", {}, "storage-initializer") },
    ["cluster/service", "cluster/pod"],
    /storage-initializer/,
  ],
  [
    "no node with a GPU",
    {
      ...NOT_READY,
      [PODS]: pods({
        conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes: Insufficient nvidia.com/gpu" }],
      }),
    },
    ["cluster/service", "cluster/pod"],
    /nvidia/,
  ],
  [
    "a manifest that KServe ignores a part of",
    { "get inferenceservices -n shop": { items: [service({ spec: { ...service().spec, transfomer: {} } })] } },
    ["cluster/manifest"],
    /transfomer/,
  ],
])("%s is found, and nothing else, with a sentence that fixes it", async (fault, replies, checks, said) => {
  const isEmpty = fault.startsWith("a cluster ");
  const run = await doctor(isEmpty ? replies : { ...WELL, ...replies });
  expect(faultsOf(run)).toEqual(checks);
  const faults = run.findings.filter(({ state }) => state === "error" || state === "warning");
  expect(faults.at(-1)?.message).toMatch(said);
  for (const { fix } of faults) expect(fix).toMatch(/\.$/);
});

test("a cluster that is well has no faults, and nothing is ever written to it", async () => {
  const run = await doctor(WELL);
  expect(faultsOf(run)).toEqual([]);
  expect(run.findings.at(-1)).toMatchObject({
    check: "cluster/service",
    state: "ok",
    message: "clothes is ready at http://clothes.shop.example.com",
  });
});

test("without a kubectl, or with one that points to nothing, the cluster is passed over", async () => {
  const env = { PATH: folder };
  expect((await runDoctor(["--only", "cluster"], { env })).findings).toEqual([
    expect.objectContaining({ check: "cluster/kubectl", state: "skipped" }),
  ]);
  const run = await doctor({ version: "The connection to the server localhost:8080 was refused" });
  expect(run).toMatchObject({ code: 0, findings: [{ state: "skipped" }] });
});
