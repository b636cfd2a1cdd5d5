import { checkManifest } from "../../../src/manifest/checks/check-manifest.ts";

const manifest = (spec: string, metadata = "{name: churn, namespace: lab}") =>
  `apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: ${metadata}\nspec:\n${spec}`;
const PREDICTOR = "  predictor:\n    model: {modelFormat: {name: sklearn}, storageUri: s3://m/x}\n";
const checksOf = (text: string, surroundings = {}) =>
  checkManifest(text, surroundings).findings.map(({ severity, check, line }) => `${line} ${severity} ${check}`);

test("objects of other kinds are passed over, and named", () => {
  expect(checkManifest("kind: Secret\nfoo: {}\n---\nkind: ConfigMap\n---\nkind: Secret\n---\n# nothing\n")).toEqual({
    services: 0,
    checked: {},
    passedOver: { Secret: 2, ConfigMap: 1 },
    findings: [],
  });
});

describe("lists", () => {
  const bad = manifest(`${PREDICTOR}  transformer: {containers: [{image: x, imagePullPolicy: always}]}\n`);
  const item = (text: string) => `- ${text.trimEnd().replaceAll("\n", "\n  ")}\n`;

  test.each(["List", "InferenceServiceList"])("the items of a %s are checked one by one, at their place", (kind) => {
    const { services, findings } = checkManifest(`apiVersion: v1\nkind: ${kind}\nitems:\n${item(bad)}${item(bad)}`);
    expect(services).toBe(2);
    expect(findings.map(({ line, path }) => `${line} ${path}`)).toEqual([
      "10 items[0].spec.transformer.containers[0].imagePullPolicy",
      "17 items[1].spec.transformer.containers[0].imagePullPolicy",
    ]);
  });

  test("a list in a list, an empty one and one in JSON", () => {
    const inner = `apiVersion: v1\nkind: List\nitems:\n${item(bad)}`;
    expect(checkManifest(`kind: List\nitems:\n${item(inner)}`).findings[0]?.path).toBe(
      "items[0].items[0].spec.transformer.containers[0].imagePullPolicy",
    );
    expect(checkManifest("kind: List\nitems: []\n")).toMatchObject({ services: 0, passedOver: {}, findings: [] });
    const json = JSON.stringify({ kind: "List", items: [{ kind: "InferenceService", apiVersion: "v1" }] });
    expect(checkManifest(json).findings.map(({ path }) => path)).toContain("items[0].apiVersion");
  });

  test("an item that is no object is an error, not silence", () => {
    expect(checkManifest("kind: List\nitems:\n- 3\n- {a: 1}\n").findings).toHaveLength(2);
  });
});

describe("beside a service", () => {
  const service = manifest(`${PREDICTOR}  transformer: {containers: [{image: x}]}\n`);
  const other = (kind: string, version: string, more: string) =>
    `${service}---\napiVersion: ${version}\nkind: ${kind}\n${more}\n`;

  test("what KServe made for it is passed over, as kubectl prints it", () => {
    const made = "metadata: {name: churn-transformer, namespace: lab, labels: {app: isvc.churn-transformer}}";
    const owned = "metadata: {name: churn, namespace: lab, ownerReferences: [{kind: InferenceService, name: churn}]}";
    expect(checkManifest(other("Service", "v1", made))).toMatchObject({ passedOver: { Service: 1 }, findings: [] });
    expect(checkManifest(other("Service", "v1", owned))).toMatchObject({ passedOver: { Service: 1 }, findings: [] });
  });

  test("Knative's own Service and one of another namespace are not the service's", () => {
    const name = "metadata: {name: churn-transformer, namespace: lab}";
    expect(checksOf(other("Service", "serving.knative.dev/v1", name))).toEqual([]);
    expect(checksOf(other("Service", "v1", name.replace("lab", "else")))).toEqual([]);
    expect(checksOf(other("Service", "v1", name))).toEqual(["11 error service-name"]);
  });

  test("an autoscaler is right where KServe makes none", () => {
    const scaler = (annotations: string) =>
      `${manifest(`${PREDICTOR}  transformer: {containers: [{image: x}]}\n`, `{name: churn, annotations: ${annotations}}`)}---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: own}
spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: churn-transformer}}
`;
    expect(checksOf(scaler("{serving.kserve.io/autoscalerClass: external}"))).toEqual([]);
    expect(checksOf(scaler("{}"))).toEqual(["12 warning autoscaler-second"]);
  });
});

test("a graph of every kind of node passes", () => {
  const text = `apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata: {name: flow}
spec:
  nodes:
    root:
      routerType: Sequence
      steps:
        - {name: clothes, serviceName: clothes, dependency: Hard}
        - {name: next, nodeName: choose, data: $response}
    choose:
      routerType: Switch
      steps:
        - {nodeName: both, condition: 'predictions.#(dress>0.5)'}
        - {serviceUrl: "http://other.lab/v1/models/other:predict", condition: predictions}
    both:
      routerType: Ensemble
      steps: [{nodeName: split}, {serviceName: prices}]
    split:
      routerType: Splitter
      steps: [{serviceName: old, weight: 90}, {serviceName: new, weight: 10}]
`;
  expect(checkManifest(text)).toEqual({ services: 0, checked: { InferenceGraph: 1 }, passedOver: {}, findings: [] });
});

test("where the API server takes a pod, nothing is said of it", () => {
  const text = manifest(
    `${PREDICTOR}  transformer:
    dnsPolicy: Default
    volumes: [{name: labels, configMap: {name: labels}}]
    initContainers: [{name: fetch, image: "registry.example:5000/a/b_c/d--e:V1.2-x"}]
    containers:
      - image: ghcr.io/x/y@sha256:${"0a".repeat(32)}
        imagePullPolicy: Always
        ports: [{containerPort: 8080, protocol: TCP}]
        readinessProbe: {periodSeconds: 5}
        livenessProbe: {grpc: {port: 8080}}
        env: [{name: A, value: "", valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
        resources: {requests: {memory: 64Mi, cpu: 1}, limits: {memory: 64Mi, cpu: 1, nvidia.com/gpu: "1"}}
        volumeMounts: [{name: labels, mountPath: /labels}]
      - {name: proxy, image: nginx}
`,
  );
  expect(checksOf(text)).toEqual([]);
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
  expect(checksOf(text.replace("name: side", 'name: side\n        image: ""'))).toEqual([
    "14 error image",
    "15 error field-type",
  ]);
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
