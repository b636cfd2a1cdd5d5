import { createInferenceService, createManifests } from "../../src/manifest/inference-service/inference-service.ts";
import type {
  InferenceServiceOptions,
  PredictorOptions,
  TransformerOptions,
} from "../../src/manifest/inference-service/inference-service-options.ts";

interface Changes extends Partial<Omit<InferenceServiceOptions, "transformer" | "predictor">> {
  readonly transformer?: Partial<TransformerOptions>;
  readonly predictor?: Partial<PredictorOptions>;
}

function options({ transformer, predictor, ...rest }: Changes = {}): InferenceServiceOptions {
  return {
    name: "clothes",
    transformer: { image: "registry.example/clothes:1", ...transformer },
    predictor: { format: "tensorflow", storageUri: "s3://models/clothes", ...predictor },
    ...rest,
  };
}

const transformerOf = (changes: Changes) => createInferenceService(options(changes)).spec.transformer;
const argumentsOf = (changes: Changes) => transformerOf(changes)?.containers?.[0]?.args?.join(" ");

describe("a standalone transformer", () => {
  test("says what the controller does not, and nothing that it adds", () => {
    expect(argumentsOf({})).toBe("--predictor_protocol v1");
  });

  test("follows its port in args, ports and probes", () => {
    const container = transformerOf({ transformer: { port: 9000 } })?.containers?.[0];
    expect(container?.args).toEqual(["--predictor_protocol", "v1", "--http_port", "9000"]);
    expect(container?.ports).toEqual([{ containerPort: 9000, protocol: "TCP" }]);
    expect(container?.readinessProbe.httpGet).toEqual({ path: "/v2/health/ready", port: 9000 });
    expect(container?.livenessProbe.httpGet).toEqual({ path: "/v2/health/live", port: 9000 });
  });

  test("names both ports and puts REST first when gRPC has one of its own", () => {
    expect(transformerOf({ transformer: { grpcPort: 8081 } })?.containers?.[0]?.ports).toEqual([
      { containerPort: 8080, name: "http1", protocol: "TCP" },
      { containerPort: 8081, name: "h2c", protocol: "TCP" },
    ]);
  });

  test("has one port of a name that gateways speak HTTP/2 to when gRPC comes on it as well", () => {
    expect(transformerOf({ mode: "Knative", transformer: { h2c: true } })?.containers?.[0]?.ports).toEqual([
      { containerPort: 8080, name: "h2c", protocol: "TCP" },
    ]);
  });

  test("dials a gRPC predictor on its service's port, which leads to the runtime's gRPC port", () => {
    const service = createInferenceService(options({ namespace: "lab", predictor: { protocol: "grpc-v1" } }));
    expect(service.spec.transformer?.containers?.[0]?.args?.slice(0, 2)).toEqual([
      "--predictor_host",
      "clothes-predictor.lab:80",
    ]);
    expect(service.spec.predictor.model.ports).toEqual([{ containerPort: 9000, name: "h2c", protocol: "TCP" }]);
  });

  test("dials the pod's port behind a headless service", () => {
    expect(argumentsOf({ namespace: "lab", predictor: { headless: true } })).toContain("clothes-predictor.lab:8080");
    expect(argumentsOf({ predictor: { headless: true, protocol: "grpc-v2", format: "pytorch" } })).toContain(
      "clothes-predictor:7070",
    );
  });

  test("has requests and limits for every key", () => {
    expect(transformerOf({ transformer: { resources: { cpu: "2" } } })?.containers?.[0]?.resources).toEqual({
      requests: { cpu: "2", memory: "512Mi" },
      limits: { cpu: "2", memory: "512Mi" },
    });
  });

  test("gets the time to end its last requests when they may be long", () => {
    expect(transformerOf({ timeoutSeconds: 120 })?.terminationGracePeriodSeconds).toBe(130);
    expect(argumentsOf({ timeoutSeconds: 120 })).toContain(
      "--request_timeout_seconds 120 --shutdown_timeout_seconds 120",
    );
    expect(transformerOf({ timeoutSeconds: 120 })?.timeout).toBe(120);
    expect(transformerOf({ timeoutSeconds: 10 })?.terminationGracePeriodSeconds).toBeUndefined();
    expect(transformerOf({ timeoutSeconds: 120, mode: "Knative" })).toMatchObject({ timeout: 120 });
    expect(transformerOf({ timeoutSeconds: 120, mode: "Knative" })).not.toHaveProperty("terminationGracePeriodSeconds");
  });
});

test("Knative's limit of requests does not become a number of processes", () => {
  const changes = { mode: "Knative" as const, transformer: { containerConcurrency: 8 } };
  expect(argumentsOf(changes)).toBe("--predictor_protocol v1 --workers 1");
  expect(argumentsOf({ transformer: { containerConcurrency: 8 } })).toBe("--predictor_protocol v1");
});

describe("a collocated transformer", () => {
  test("says everything, since the controller adds nothing, and listens beside the predictor", () => {
    const { spec } = createInferenceService(options({ layout: "collocated" }));
    expect(spec.transformer).toBeUndefined();
    expect(spec.predictor.containers?.[0]).toMatchObject({
      name: "transformer-container",
      args: [
        "--model_name",
        "clothes",
        "--predictor_host",
        "localhost:8080",
        "--predictor_protocol",
        "v1",
        "--http_port",
        "8090",
      ],
      ports: [{ containerPort: 8090, protocol: "TCP" }],
    });
  });

  test("reaches a gRPC predictor in the pod, without a port for the service", () => {
    const { predictor } = createInferenceService(
      options({ layout: "collocated", predictor: { format: "triton", protocol: "grpc-v2" } }),
    ).spec;
    expect(predictor.containers?.[0]?.args).toContain("localhost:9000");
    expect(predictor.model.ports).toBeUndefined();
  });

  test("brings its scaling, sidecars and concurrency to the predictor's pod", () => {
    const { predictor } = createInferenceService(
      options({
        layout: "collocated",
        mode: "Knative",
        transformer: {
          scaling: { minReplicas: 0, metric: "concurrency", target: 4 },
          containerConcurrency: 8,
          batcher: {},
        },
      }),
    ).spec;
    expect(predictor).toMatchObject({
      minReplicas: 0,
      scaleMetric: "concurrency",
      scaleTarget: 4,
      containerConcurrency: 8,
      batcher: {},
    });
  });
});

describe("the protocol", () => {
  test.each([
    ["sklearn", "v1"],
    ["mlflow", "v2"],
    ["onnx", "v2"],
    ["triton", "v2"],
    ["huggingface", "v2"],
  ])("of %s is %s unless the options say otherwise", (format, protocol) => {
    const service = createInferenceService(options({ predictor: { format } }));
    expect(service.spec.predictor.model.protocolVersion).toBe(protocol);
    expect(service.spec.transformer?.containers?.[0]?.args).toEqual(["--predictor_protocol", protocol]);
  });

  test("of a server that speaks OpenAI's only is not claimed, and its routes are at the root", () => {
    const service = createInferenceService(options({ predictor: { format: "vLLM" } }));
    expect(service.spec.predictor.model).not.toHaveProperty("protocolVersion");
    expect(service.spec.transformer?.containers?.[0]?.args).toEqual(["--predictor_openai_prefix", "/"]);
  });
});

describe("storage", () => {
  const objectsOf = (predictor: Partial<PredictorOptions>) => createManifests(options({ namespace: "lab", predictor }));

  test("a secret is printed with the keys that KServe looks for, and its account is the predictor's", () => {
    const [secret, account, service] = objectsOf({
      credentials: { secret: "keys", s3Endpoint: "minio.minio:9000", s3UseHttps: false },
    });
    expect(secret).toMatchObject({
      kind: "Secret",
      metadata: {
        name: "keys",
        namespace: "lab",
        annotations: { "serving.kserve.io/s3-endpoint": "minio.minio:9000", "serving.kserve.io/s3-usehttps": "0" },
      },
      stringData: { AWS_ACCESS_KEY_ID: "FILL-IN", AWS_SECRET_ACCESS_KEY: "FILL-IN" },
    });
    expect(account).toMatchObject({
      kind: "ServiceAccount",
      metadata: { name: "clothes-storage" },
      secrets: [{ name: "keys" }],
    });
    expect(service).toMatchObject({ spec: { predictor: { serviceAccountName: "clothes-storage" } } });
  });

  test.each([
    ["gs://models/x", ["gcloud-application-credentials.json"]],
    ["hf://org/model", ["HF_TOKEN"]],
    ["https://models.example/x.tgz", ["https-host", "headers"]],
  ])("the secret of %s has the keys %j", (storageUri, keys) => {
    const [secret] = objectsOf({ storageUri, credentials: { secret: "keys" } });
    expect(Object.keys((secret as unknown as { stringData: object }).stringData)).toEqual(keys);
  });

  test("a role stands on the account, with no secret beside it", () => {
    const objects = objectsOf({
      credentials: { roleArn: "arn:aws:iam::1:role/models", s3Region: "eu-west-1", serviceAccount: "reader" },
    });
    expect(objects.map(({ kind }) => kind)).toEqual(["ServiceAccount", "InferenceService"]);
    expect(objects[0]?.metadata).toEqual({
      name: "reader",
      namespace: "lab",
      annotations: {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/models",
        "serving.kserve.io/s3-region": "eu-west-1",
      },
    });
  });
});
