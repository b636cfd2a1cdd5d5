import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { deploy, findObject, findProgram, problemsOf, readObjects } from "./rendering.ts";

const helm = findProgram("helm");
const describeWithHelm = helm === undefined ? describe.skip : describe;
const chart = `${deploy}helm/kserve-transformer`;

type Values = Record<string, unknown>;

const BASE = {
  transformer: { image: { repository: "registry.example/clothes", tag: "1" } },
  predictor: { format: "tensorflow", storageUri: "s3://models/clothes" },
};

/** Values over the base, one level deep. */
function merge(values: Values): Values {
  const merged: Values = { ...BASE };
  for (const [key, value] of Object.entries(values)) {
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
    merged[key] = isMap ? { ...(merged[key] as object), ...value } : value;
  }
  return merged;
}

function template(values: Values, release = "clothes"): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(helm ?? "", ["template", release, chart, "--namespace", "lab", "--values", "-"], {
    input: JSON.stringify(merge(values)),
    encoding: "utf8",
  });
}

function render(values: Values): string {
  const { stdout, stderr, status } = template(values);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const KNATIVE = { mode: "Knative" };
const COLLOCATED = { layout: "collocated" };
const ALL_MONITORING = { monitor: { enabled: true }, rules: { enabled: true }, dashboard: { enabled: true } };

const CASES: Readonly<Record<string, Values>> = {
  "nothing but image and model": {},
  "another name": { name: "hats" },
  "an image by digest": {
    transformer: { image: { repository: "registry.example/c", digest: `sha256:${"0a".repeat(32)}` } },
  },
  "environment, arguments, sources": {
    transformer: {
      ...BASE.transformer,
      env: { TOP: 3, FAST: true, LABELS: "dress,hat" },
      args: ["--check_requests", "--max_instances=100"],
      envFromSources: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "tokens", key: "api" } } }],
    },
  },
  placement: {
    transformer: {
      ...BASE.transformer,
      nodeSelector: { pool: "cpu" },
      tolerations: [{ key: "spot", operator: "Exists", effect: "NoSchedule" }],
      imagePullSecrets: [{ name: "registry" }],
    },
  },
  "a long request": { timeoutSeconds: 120 },
  "scaled by cpu": {
    transformer: { ...BASE.transformer, minReplicas: 2, maxReplicas: 6 },
    autoscaling: { metric: "cpu", target: 70 },
  },
  "scaled by KEDA": { transformer: { ...BASE.transformer, maxReplicas: 6 }, autoscaling: { class: "keda" } },
  "not scaled": { transformer: { ...BASE.transformer, minReplicas: 3 }, autoscaling: { class: "none" } },
  "gRPC to Triton": { predictor: { format: "triton", protocol: "grpc-v2", modelName: "clothing" } },
  "gRPC to TorchServe": { predictor: { format: "pytorch", protocol: "grpc-v2", grpcPort: 7070 } },
  "a runtime of one's own": {
    predictor: { format: "catboost", runtime: "my-catboost", protocol: "v2", env: { A: "1" } },
  },
  collocated: COLLOCATED,
  "collocated, gRPC": { ...COLLOCATED, predictor: { format: "triton", protocol: "grpc-v2" } },
  "collocated, long": { ...COLLOCATED, timeoutSeconds: 120 },
  Knative: KNATIVE,
  "Knative, to zero": {
    ...KNATIVE,
    transformer: { ...BASE.transformer, minReplicas: 0, maxReplicas: 9, containerConcurrency: 8 },
    predictor: { minReplicas: 0 },
    autoscaling: { metric: "rps", target: 50 },
    timeoutSeconds: 60,
  },
  "Knative, collocated": { ...KNATIVE, ...COLLOCATED },
  "everything beside it": {
    networkPolicy: { enabled: true, from: [{ namespaceSelector: {} }], allowPublicDownloads: true },
    monitoring: ALL_MONITORING,
    s3: { enabled: true, accessKeyId: "id", secretAccessKey: "key", endpoint: "minio.minio:9000", useHttps: false },
  },
  "everything beside it, Knative": {
    ...KNATIVE,
    networkPolicy: { enabled: true },
    monitoring: ALL_MONITORING,
    s3: { enabled: true, roleArn: "arn:aws:iam::1:role/models", region: "eu-west-1" },
  },
  "everything beside it, collocated": {
    ...COLLOCATED,
    networkPolicy: { enabled: true },
    monitoring: ALL_MONITORING,
    s3: { enabled: true, existingSecret: "keys" },
  },
};

describeWithHelm("the Helm chart", () => {
  test.each(Object.entries(CASES))("%s: passes check and KServe's schema", (_name, values) => {
    expect(problemsOf(render(values))).toEqual([]);
  });

  test("says to the transformer what KServe's controller does not", () => {
    const args = (values: Values) => {
      const { spec } = findObject(readObjects(render(values)), "InferenceService") as unknown as {
        spec: { predictor: { containers?: [{ args: string[] }] }; transformer?: { containers: [{ args: string[] }] } };
      };
      return (spec.transformer?.containers ?? spec.predictor.containers)?.[0].args.join(" ");
    };
    expect(args({})).toBe("--predictor_protocol=v1");
    expect(args(CASES["gRPC to Triton"] ?? {})).toBe(
      "--predictor_host=clothes-predictor.lab:80 --predictor_protocol=grpc-v2 --predictor_model_name=clothing",
    );
    expect(args(COLLOCATED)).toBe(
      "--model_name=clothes --predictor_host=localhost:8080 --http_port=8090 --predictor_protocol=v1",
    );
    expect(args({ timeoutSeconds: 120 })).toContain("--shutdown_timeout_seconds=120");
  });

  test("selects the pods by the labels that KServe gives them", () => {
    const objects = readObjects(render(CASES["everything beside it"] ?? {}));
    const labels = { "serving.kserve.io/inferenceservice": "clothes", component: "transformer" };
    expect(findObject(objects, "PodDisruptionBudget").spec).toMatchObject({ selector: { matchLabels: labels } });
    expect(findObject(objects, "NetworkPolicy").spec).toMatchObject({ podSelector: { matchLabels: labels } });
    expect(findObject(objects, "ServiceMonitor").spec).toMatchObject({ selector: { matchLabels: labels } });
    const collocated = readObjects(render(CASES["everything beside it, collocated"] ?? {}));
    expect(findObject(collocated, "PodDisruptionBudget").spec).toMatchObject({
      selector: { matchLabels: { component: "predictor" } },
    });
  });

  test("brings dashboard and alerts as they lie in deploy/monitoring", () => {
    const objects = readObjects(render({ monitoring: ALL_MONITORING }));
    const { data } = findObject(objects, "ConfigMap") as unknown as { data: Record<string, string> };
    const dashboard = readFileSync(`${deploy}monitoring/grafana-dashboard.json`, "utf8");
    expect(JSON.parse(data["kserve-transformer.json"] ?? "")).toEqual(JSON.parse(dashboard));
    const rules = parse(readFileSync(`${deploy}monitoring/prometheus-rules.yaml`, "utf8"));
    expect(findObject(objects, "PrometheusRule").spec).toEqual(rules.spec);
  });

  test("makes a Secret only from keys that it was given, and its account is the predictor's", () => {
    const secretOf = (values: Values) => readObjects(render(values)).find(({ kind }) => kind === "Secret");
    expect(secretOf(CASES["everything beside it"] ?? {})).toMatchObject({
      metadata: {
        annotations: { "serving.kserve.io/s3-endpoint": "minio.minio:9000", "serving.kserve.io/s3-usehttps": "0" },
      },
      stringData: { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" },
    });
    expect(secretOf(CASES["everything beside it, Knative"] ?? {})).toBeUndefined();
    const objects = readObjects(render(CASES["everything beside it, collocated"] ?? {}));
    expect(findObject(objects, "ServiceAccount")).toMatchObject({
      metadata: { name: "clothes-storage" },
      secrets: [{ name: "keys" }],
    });
    expect(findObject(objects, "InferenceService").spec).toMatchObject({
      predictor: { serviceAccountName: "clothes-storage" },
    });
  });

  test.each([
    ["a misspelt value", { transfomer: {} }, "transfomer"],
    ["a misspelt value below", { predictor: { storageURI: "s3://x" } }, "storageURI"],
    ["no format", { predictor: { format: "" } }, "/predictor/format"],
    ["a protocol that is none", { predictor: { protocol: "v3" } }, "/predictor/protocol"],
    ["no tag", { transformer: { image: { repository: "x" } } }, "no tag and no digest"],
    ["a name that is none", { name: "Clothes" }, "expected lower-case letters"],
    ["two sources of credentials", { s3: { enabled: true, existingSecret: "a", roleArn: "b" } }, "expected one of"],
    ["no source of credentials", { s3: { enabled: true } }, "expected one of"],
    ["half a key", { s3: { enabled: true, accessKeyId: "a" } }, "belong together"],
    ["an endpoint with a scheme", { s3: { enabled: true, endpoint: "http://minio" } }, "/s3/endpoint"],
  ])("%s is refused with a sentence that names it", (_name, values, sentence) => {
    const { status, stderr } = template(values);
    expect(status).not.toBe(0);
    expect(stderr).toContain(sentence);
  });

  test("passes helm's own linter", () => {
    const input = JSON.stringify(BASE);
    expect(
      execFileSync(helm ?? "", ["lint", chart, "--strict", "--values", "-"], {
        input,
        encoding: "utf8",
        stdio: ["pipe", "pipe", "ignore"],
      }),
    ).toContain("0 chart(s) failed");
  });
});

test("values.schema.json knows every value of values.yaml, and no other", () => {
  interface Schema {
    readonly properties?: Record<string, Schema>;
    readonly additionalProperties?: unknown;
  }
  const schema = JSON.parse(readFileSync(`${chart}/values.schema.json`, "utf8")) as Schema;
  const values = parse(readFileSync(`${chart}/values.yaml`, "utf8")) as Values;
  function* compare(below: Schema, value: unknown, path: string): Iterable<string> {
    if (below.properties === undefined) return;
    if (below.additionalProperties !== false) yield `${path}: takes anything`;
    const keys = Object.keys(value as object);
    for (const key of keys.filter((name) => below.properties?.[name] === undefined))
      yield `${path}.${key}: not in the schema`;
    for (const [key, child] of Object.entries(below.properties)) {
      if (key === "global") continue;
      if (keys.includes(key)) yield* compare(child, (value as Values)[key], `${path}.${key}`);
      else yield `${path}.${key}: not in values.yaml`;
    }
  }
  expect([...compare(schema, values, "")]).toEqual([]);
});
