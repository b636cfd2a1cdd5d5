import { parse, parseAllDocuments } from "yaml";
import { command } from "../../../src/cli/commands/manifest.ts";
import { InferenceError } from "../../../src/errors.ts";
import { runCommand } from "../command-process.ts";

async function print(...argv: string[]): Promise<string> {
  let output = "";
  const code = await command.run(argv, {
    env: {},
    cwd: "/",
    print: (text) => {
      output += text;
    },
    warn: () => {},
    signal: new AbortController().signal,
  });
  expect(code).toBe(0);
  return output;
}

const words = (text: string) => text.trim().split(/\s+/);
const CHURN = words("churn --image registry.example/churn:1 --predictor sklearn --storage_uri s3://models/churn");

test("every flag reaches the place that it names", async () => {
  const text = await print(
    ...words(`clothes --image=registry.example/clothes:1 --predictor tensorflow --storage_uri s3://models/clothes
      --namespace lab --annotation prometheus.io/scrape=true --annotation team=shop
      --env MODEL_INPUT_SIZE=299,299 --env=MODEL_LABELS=dress,hat=cap --port 9000 --grpc-port 9001
      --cpu 250m --memory 256Mi --cpu_limit 2 --memory_limit 1Gi --container_concurrency 3
      --predictor_version 2 --predictor_runtime kserve-tensorflow-serving --predictor_protocol grpc-v1
      --predictor_model_name clothing --predictor_env A=b --predictor_cpu 2 --predictor_memory 4Gi --predictor_gpu 1
      --headless --service_account reader --secret keys --s3_endpoint minio:9000 --s3_region eu --s3_use_https false
      --min_replicas 2 --max_replicas 4 --scale_metric memory --scale_target 75
      --predictor_min_replicas 1 --predictor_max_replicas 3 --autoscaler hpa --timeout_seconds 60
      --batch_size 16 --batch_latency_ms 50 --logger_url http://events/ --logger_mode request
      -- --check_requests --max_instances 10`),
  );
  const [secret, account, service] = parseAllDocuments(text).map((document) => document.toJS());
  expect(secret.metadata).toEqual({
    name: "keys",
    namespace: "lab",
    annotations: {
      "serving.kserve.io/s3-endpoint": "minio:9000",
      "serving.kserve.io/s3-region": "eu",
      "serving.kserve.io/s3-usehttps": "0",
    },
  });
  expect(account).toMatchObject({ metadata: { name: "reader" }, secrets: [{ name: "keys" }] });
  expect(service).toEqual({
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: {
      name: "clothes",
      namespace: "lab",
      annotations: {
        "serving.kserve.io/deploymentMode": "Standard",
        "serving.kserve.io/autoscalerClass": "hpa",
        "prometheus.io/scrape": "true",
        team: "shop",
      },
    },
    spec: {
      predictor: {
        minReplicas: 1,
        maxReplicas: 3,
        serviceAccountName: "reader",
        model: {
          modelFormat: { name: "tensorflow", version: "2" },
          runtime: "kserve-tensorflow-serving",
          protocolVersion: "grpc-v1",
          storageUri: "s3://models/clothes",
          env: [{ name: "A", value: "b" }],
          ports: [{ containerPort: 9000, name: "h2c", protocol: "TCP" }],
          resources: {
            requests: { cpu: "2", memory: "4Gi", "nvidia.com/gpu": "1" },
            limits: { cpu: "2", memory: "4Gi", "nvidia.com/gpu": "1" },
          },
        },
      },
      transformer: {
        minReplicas: 2,
        maxReplicas: 4,
        scaleMetric: "memory",
        scaleTarget: 75,
        containerConcurrency: 3,
        timeout: 60,
        batcher: { maxBatchSize: 16, maxLatency: 50 },
        logger: { mode: "request", url: "http://events/" },
        terminationGracePeriodSeconds: 70,
        containers: [
          expect.objectContaining({
            name: "kserve-container",
            image: "registry.example/clothes:1",
            args: words(
              `--predictor_host clothes-predictor.lab:9000 --predictor_protocol grpc-v1 --predictor_model_name clothing
              --http_port 9000 --grpc_port 9001 --request_timeout_seconds 60 --shutdown_timeout_seconds 60
              --check_requests --max_instances 10`,
            ),
            env: [
              { name: "MODEL_INPUT_SIZE", value: "299,299" },
              { name: "MODEL_LABELS", value: "dress,hat=cap" },
            ],
            resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "2", memory: "1Gi" } },
          }),
        ],
      },
    },
  });
});

test("Knative, its canary and the collocated layout", async () => {
  const { metadata, spec } = parse(
    await print(
      ...CHURN,
      "--mode",
      "Knative",
      "--layout",
      "collocated",
      "--canary_percent",
      "10",
      "--min_replicas",
      "0",
    ),
  );
  expect(metadata.annotations).toEqual({ "serving.kserve.io/deploymentMode": "Knative" });
  expect(spec.predictor).toMatchObject({ canaryTrafficPercent: 10, minReplicas: 0 });
  expect(spec).not.toHaveProperty("transformer");
});

test("a role instead of a secret", async () => {
  const [account] = parseAllDocuments(await print(...CHURN, "--role_arn", "arn:aws:iam::1:role/models"));
  expect(account?.toJS().metadata.annotations).toEqual({ "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/models" });
});

describe("a bad command line is answered in one sentence", () => {
  test.each([
    [[], "expected one NAME for the service, got none"],
    [["a", "b"], "expected one NAME for the service, got a b"],
    [["churn"], "--image is missing: Image of the transformer."],
    [["churn", "--image", "x", "--storage_uri", "s3://x"], "--predictor is missing"],
    [["churn", "--image", "x", "--predictor", "sklearn"], "--storage_uri is missing"],
    [["churn", "--immage", "x"], "--immage is no flag of manifest; did you mean --image?"],
    [["churn", "--surprise"], "--surprise is no flag of manifest; see --help"],
    [["churn", "--port", "http"], '--port expects a whole number from 1 to 65535, got "http"'],
    [[...CHURN, "--layout", "sidecar"], '--layout expects one of standalone, collocated, got "sidecar"'],
    [[...CHURN, "--env", "DEBUG"], '--env expects NAME=VALUE, got "DEBUG"'],
    [[...CHURN, "--env"], "--env expects NAME=VALUE, got nothing"],
    [[...CHURN, "--env", "A=1", "--env", "A=2"], "--env A is given twice"],
    [[...CHURN, "--logger_mode", "all"], "--logger_mode goes with --logger_url"],
    [[...CHURN, "--canary_storage_uri", "s3://x"], "--canary_storage_uri goes with --canary_percent"],
    [[...CHURN, "--", "--http_portal=1"], "--http_portal begins with --http_port"],
  ])("%j", async (argv, sentence) => {
    const error = await print(...argv).catch((thrown: unknown) => thrown);
    expect(InferenceError.isInstance(error) && error.code).toBe("invalid_argument");
    expect((error as Error).message).toContain(sentence);
  });
});

test("the command of the package prints it, and lists its flags", async () => {
  const printed = await runCommand(["manifest", ...CHURN], { cwd: "/" });
  expect(printed).toEqual({ code: 0, stdout: await print(...CHURN), stderr: "" });
  const help = await runCommand(["manifest", "--help"], { cwd: "/" });
  expect(help.stdout).toContain("--storage_uri");
  const wrong = await runCommand(["manifest", "churn"], { cwd: "/" });
  expect(wrong).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--image is missing") });
}, 60_000);
