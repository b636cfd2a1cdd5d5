import { checkManifest } from "../../src/manifest/checks/check-manifest.ts";

const manifest = (spec: string, metadata = "{name: churn, namespace: lab}") =>
  `apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: ${metadata}\nspec:\n${spec}`;
const PREDICTOR = "  predictor:\n    model: {modelFormat: {name: sklearn}, storageUri: s3://m/x}\n";
const checksOf = (text: string, surroundings = {}) =>
  checkManifest(text, surroundings).findings.map(({ severity, check, line }) => `${line} ${severity} ${check}`);

test("objects of other kinds are passed over", () => {
  expect(checkManifest("kind: Secret\nfoo: {}\n---\nkind: ConfigMap\n")).toEqual({ services: 0, findings: [] });
});

test("lines are those of the file, also behind other documents, in flow style and with CRLF", () => {
  const flow = "  transformer: {minReplicas: -1,\n    containers: [\n      {image: x, env: [{name: A, value: 1}]}]}\n";
  const text = `kind: Namespace\n---\n${manifest(PREDICTOR + flow)}`.replaceAll("\n", "\r\n");
  expect(checksOf(text)).toEqual(["9 error replicas", "11 error field-type"]);
});

test("an anchor and a merge are read as what they stand for", () => {
  const text = manifest(
    `${PREDICTOR}  transformer:\n    containers:\n      - &first\n        image: x\n        env: [{name: A, value: "1"}]\n      - <<: *first\n        name: side\n        env: [{name: B, value: 2}]\n`,
  );
  expect(checksOf(text)).toEqual(["14 error field-type"]);
  expect(checksOf(text.replace("name: side", 'image: ""'))).toEqual(["13 error image", "14 error field-type"]);
});

test("YAML is read as Kubernetes reads it: yes is a boolean, a time and a date are texts", () => {
  const value = (text: string) =>
    checksOf(
      manifest(
        `${PREDICTOR}  transformer:\n    containers:\n      - image: x\n        env: [{name: A, value: ${text}}]\n`,
      ),
    );
  expect(value("yes")).toEqual(["10 error field-type"]);
  expect(value("Off")).toEqual(["10 error field-type"]);
  expect(value("12:30")).toEqual([]);
  expect(value("2026-01-02")).toEqual([]);
  expect(value("'8'")).toEqual([]);
});

describe("where the manifest leaves the mode to the cluster", () => {
  const zero = manifest(
    `${PREDICTOR}  transformer:\n    minReplicas: 0\n    timeout: 5\n    containers: [{image: x}]\n`,
  );

  test("what Standard ignores is a warning with that reserve", () => {
    const { findings } = checkManifest(zero);
    expect(findings.map(({ check }) => check)).toEqual(["replicas", "timeout"]);
    expect(findings[0]?.message).toContain("this manifest leaves the mode to the cluster");
  });

  test("Knative as the cluster's mode leaves nothing to say", () => {
    expect(checksOf(zero, { mode: "Knative" })).toEqual([]);
  });
});

test("the caller's namespace counts where the manifest names none", () => {
  const text = manifest(`${PREDICTOR}  transformer: {containers: [{image: x}]}\n`, `{name: ${"a".repeat(40)}}`);
  expect(checksOf(text)).toEqual([]);
  expect(checksOf(text, { namespace: "image-recognition" })).toEqual(["3 error name-length"]);
});

test("a protocol in the environment is a protocol told", () => {
  const text = manifest(
    `  predictor:\n    model: {modelFormat: {name: xgboost}, protocolVersion: v2, storageUri: s3://m/x}\n  transformer:\n    containers:\n      - image: x\n        env: [{name: PREDICTOR_PROTOCOL, value: v2}]\n`,
  );
  expect(checksOf(text)).toEqual([]);
});

test("a runtime of the cluster's own is believed", () => {
  const text = manifest(
    "  predictor:\n    model: {modelFormat: {name: catboost}, runtime: my-catboost, storageUri: s3://m/x}\n",
  );
  expect(checksOf(text)).toEqual([]);
});

test("a custom predictor beside a transformer container is one predictor", () => {
  const text = manifest(
    `  predictor:
    containers:
      - {name: kserve-container, image: p, args: [--http_port, "8085"]}
      - name: transformer-container
        image: t
        args: [--model_name, churn, --predictor_host, "localhost:8085"]
        ports: [{containerPort: 8080}]
`,
  );
  expect(checksOf(text)).toEqual([]);
});

test("nonsense in every place is reported, never thrown", () => {
  for (const text of [
    "",
    "[]",
    "- a\n- b",
    "kind: InferenceService",
    manifest("  - a\n"),
    manifest("  predictor: 3\n  transformer: [x]\n"),
    "a: *b",
    "\t",
    manifest("  transformer:\n    containers: {a: 1}\n"),
  ]) {
    expect(() => checkManifest(text)).not.toThrow();
  }
});
