import { InferenceError } from "../../src/errors.ts";
import { createManifests } from "../../src/manifest/inference-service/inference-service.ts";
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

describe("what a cluster would refuse or ignore", () => {
  const cases: readonly (readonly [string, Changes, string])[] = [
    ["a name that is none", { name: "Clothes" }, "metadata.name: KServe refuses the name Clothes"],
    ["a name too long", { name: "a".repeat(47) }, "metadata.name: The name has 47 characters; it is admitted"],
    ["a name too long for its namespace", { name: "a".repeat(40), namespace: "recognition" }, "has 64 characters"],
    ["no image", { transformer: { image: "" } }, "spec.transformer.containers[0].image: The container has no image"],
    [
      "an unknown storage",
      { predictor: { storageUri: "ftp://x/y" } },
      "spec.predictor.model.storageUri: KServe cannot fetch from ftp://x/y",
    ],
    [
      "an unknown format",
      { predictor: { format: "keras" } },
      "spec.predictor.model.modelFormat.name: No runtime that KServe installs serves the model format keras",
    ],
    [
      "a version nobody has",
      { predictor: { formatVersion: "3" } },
      "spec.predictor.model: No runtime that KServe installs serves tensorflow version 3 over v1",
    ],
    [
      "a protocol nobody speaks",
      { predictor: { format: "sklearn", protocol: "grpc-v2" } },
      "spec.predictor.model.protocolVersion: No runtime that KServe installs serves sklearn over grpc-v2",
    ],
    [
      "an own runtime without its protocol",
      { predictor: { format: "x", runtime: "mine" } },
      "the protocol of the runtime mine is not known",
    ],
    [
      "the predictor's port beside it",
      { layout: "collocated", transformer: { port: 8080 } },
      "spec.predictor.containers[0].args[6]: Transformer and predictor share one pod and would both listen on 8080",
    ],
    ["a second port beside h2c", { transformer: { h2c: true, grpcPort: 8081 } }, "h2c is one port for REST and gRPC"],
    [
      "one port for both",
      { transformer: { grpcPort: 8080 } },
      "spec.transformer.containers[0].ports[1]: Port 8080 stands here twice",
    ],
    [
      "a second port in Knative",
      { mode: "Knative", transformer: { grpcPort: 8081 } },
      "spec.transformer.containers[0].ports[1]: Knative takes one port for a pod",
    ],
    [
      "a port of Knative's own",
      { mode: "Knative", transformer: { port: 9090 } },
      "spec.transformer.containers[0].ports[0].containerPort: Knative keeps port 9090 for its own sidecar",
    ],
    [
      "a port that is none",
      { transformer: { port: 70000 } },
      "spec.transformer.containers[0].ports[0].containerPort: 70000 is no port",
    ],
    ["headless in Knative", { mode: "Knative", predictor: { headless: true } }, "headless is for Standard mode"],
    ["a prefix of the controller's flags", { transformer: { args: ["--workers_max=2"] } }, "begins with --workers"],
    [
      "an argument that an option sets",
      { transformer: { args: ["--predictor_protocol=v2"] } },
      "spec.transformer.containers[0].args[2]: The predictor speaks v1 (line 12), and the transformer is told v2",
    ],
    ["a flag twice", { transformer: { args: ["--top=1", "--top=2"] } }, "args[3]: --top stands here a second time"],
    ["no time at all", { timeoutSeconds: 0 }, "spec.transformer.timeout: A timeout of 0 s is none"],
    [
      "less than a batch",
      { transformer: { batcher: { maxBatchSize: 0 } } },
      "spec.transformer.batcher.maxBatchSize: 0",
    ],
    ["less than no GPU", { predictor: { resources: { gpu: -1 } } }, "-1 is less than nothing"],
    ["half a GPU", { predictor: { resources: { gpu: 0.5 } } }, "0.5 of nvidia.com/gpu is no whole number"],
    ["an image with capitals", { transformer: { image: "registry.example/Clothes:1" } }, "is no image's name"],
    [
      "a canary that scales",
      {
        layout: "collocated",
        canary: { percent: 10, storageUri: "s3://m/2" },
        transformer: { scaling: { maxReplicas: 2 } },
      },
      "spec.canary[0].predictor.maxReplicas: KServe gives a canary a fixed number of pods",
    ],
    [
      "a canary's name in a label that is too long",
      { name: "a".repeat(42), layout: "collocated", canary: { percent: 10, storageUri: "s3://m/2" } },
      "the label isvc.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-stable-predictor",
    ],
    [
      "several nodes with a model in S3",
      { autoscaler: "none", predictor: { format: "huggingface", runtime: "kserve-huggingfaceserver-multinode" } },
      "reads its model from pvc:// or oci://",
    ],
    [
      "a blocked variable",
      { transformer: { env: { PYTHONPATH: "/x" } } },
      "spec.transformer.containers[0].env[0].name: KServe refuses PYTHONPATH in any container",
    ],
    [
      "Knative's variable",
      { mode: "Knative", transformer: { env: { PORT: "8080" } } },
      "spec.transformer.containers[0].env[0].name: Knative sets PORT itself and refuses it here",
    ],
    [
      "a storage URI beside the predictor",
      { layout: "collocated", transformer: { env: { STORAGE_URI: "s3://x" } } },
      "spec.predictor.containers[0].env[0].name: KServe refuses STORAGE_URI in transformer-container",
    ],
    [
      "a variable that is no name",
      { transformer: { env: { "A B": "1" } } },
      'spec.transformer.containers[0].env[0].name: "A B" is no name of an environment variable',
    ],
    [
      "a limit below its request",
      { transformer: { resources: { cpu: "2", cpuLimit: "1500m" } } },
      "spec.transformer.containers[0].resources.requests.cpu: The request of 2 cpu is more than its limit of 1500m",
    ],
    [
      "a quantity that is none",
      { transformer: { resources: { memory: "512MB" } } },
      "spec.transformer.containers[0].resources.requests.memory: 512MB is no quantity",
    ],
    [
      "no pods in Standard",
      { transformer: { scaling: { minReplicas: 0 } } },
      "spec.transformer.minReplicas: In Standard mode minReplicas",
    ],
    [
      "more than the maximum",
      { transformer: { scaling: { minReplicas: 3, maxReplicas: 2 } } },
      "spec.transformer.minReplicas: KServe refuses a minimum of 3 replicas above the maximum of 2",
    ],
    [
      "rps in Standard",
      { transformer: { scaling: { metric: "rps" } } },
      "spec.transformer.scaleMetric: In Standard mode scaleMetric",
    ],
    [
      "cpu in Knative",
      { mode: "Knative", predictor: { scaling: { metric: "cpu" } } },
      "spec.predictor.scaleMetric: KServe refuses scaleMetric",
    ],
    [
      "more than 100 percent",
      { transformer: { scaling: { target: 101 } } },
      "spec.transformer.scaleTarget: The scale target of cpu is a percentage of the request; 101 lets pods run far beyond it",
    ],
    [
      "memory without a target",
      { transformer: { scaling: { metric: "memory" } } },
      "spec.transformer.scaleMetric: scaleMetric",
    ],
    [
      "an autoscaler in Knative",
      { mode: "Knative", autoscaler: "hpa" },
      'metadata.annotations["serving.kserve.io/autoscalerClass"]: The autoscaler class is read in Standard mode only',
    ],
    [
      "a maximum without an autoscaler",
      { autoscaler: "none", transformer: { scaling: { maxReplicas: 3 } } },
      "spec.transformer.maxReplicas: The autoscaler class none keeps the minimum of replicas",
    ],
    [
      "batcher and logger of everything",
      { transformer: { batcher: {}, logger: { url: "http://x/" } } },
      "spec.transformer.logger: With a batcher in the same agent the logger sends no responses' events",
    ],
    [
      "concurrency that has no effect",
      { layout: "collocated", transformer: { containerConcurrency: 2 } },
      "spec.predictor.containerConcurrency: In Standard mode containerConcurrency has no effect on a collocated transformer",
    ],
    [
      "half a second",
      { timeoutSeconds: 0.5 },
      "spec.transformer.timeout: The number 0.5 stands where a whole number must",
    ],
    [
      "a canary that no request reaches",
      { canary: { percent: 10, storageUri: "s3://x" } },
      "calls the stable predictor only",
    ],
    [
      "a canary without a model",
      { layout: "collocated", canary: { percent: 10 } },
      "the canary has no storage URI of its own; expected where the new model lies",
    ],
    [
      "a canary over 100 %",
      { mode: "Knative", canary: { percent: 101 } },
      "spec.predictor.canaryTrafficPercent: A canary of 101 % is none",
    ],
    [
      "a second model in Knative",
      { mode: "Knative", canary: { percent: 1, storageUri: "s3://x" } },
      "Knative splits between the last revision and this one",
    ],
    [
      "several nodes in one pod",
      { layout: "collocated", predictor: { format: "huggingface", runtime: "kserve-huggingfaceserver-multinode" } },
      "runs on several nodes",
    ],
    [
      "a secret for a volume",
      { predictor: { storageUri: "pvc://x", credentials: { secret: "keys" } } },
      "a secret can be printed for s3, gs, https, http, hf, not for pvc://x",
    ],
    [
      "a role for Google",
      { predictor: { storageUri: "gs://x", credentials: { roleArn: "arn" } } },
      "roleArn is for a model in S3",
    ],
    ["an endpoint without a secret", { predictor: { credentials: { s3Endpoint: "minio:9000" } } }, "name one of them"],
  ];

  test.each(cases)("%s is an error that says so", (_name, changes, sentence) => {
    expect.assertions(2);
    try {
      createManifests(options(changes));
    } catch (error) {
      expect(InferenceError.isInstance(error) && error.code).toBe("invalid_argument");
      expect((error as Error).message).toContain(sentence);
    }
  });
});
