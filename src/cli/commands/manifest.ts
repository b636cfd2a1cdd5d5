import type { FlagValues } from "../../contract/flag.ts";
import { invalidArgument } from "../../errors.ts";
import { formatManifests } from "../../manifest/format-manifests.ts";
import { createManifests } from "../../manifest/inference-service/inference-service.ts";
import type { InferenceServiceOptions } from "../../manifest/inference-service/inference-service-options.ts";
import { defined } from "../../manifest/kserve-objects.ts";
import { nearestName } from "../../nearest-name.ts";
import type { Command, CommandContext } from "../command.ts";
import { MANIFEST_FLAGS, REPEATED_FLAGS } from "../manifest-flags.ts";
import { parseFlags } from "../parse-flags.ts";
import { takeRepeatedFlags } from "../repeated-flags.ts";

export const command: Command = {
  usage: "NAME --image IMAGE --predictor FORMAT --storage_uri URI [flags] [-- arguments of the transformer]",
  summary: "Prints the InferenceService of a transformer and its predictor, as KServe 0.20 takes it.",
  flags: MANIFEST_FLAGS,
  examples: [
    "kserve-transformer manifest churn --image registry.example/churn:1 --predictor sklearn --storage_uri s3://models/churn",
    "kserve-transformer manifest clothes --image registry.example/clothes:1 --predictor triton --predictor_protocol grpc-v2 \\",
    "  --storage_uri pvc://models/clothes --predictor_model_name clothing --layout collocated | kubectl apply -f -",
  ],
  run,
};

type ManifestFlags = FlagValues<typeof MANIFEST_FLAGS>;

async function run(argv: readonly string[], { print }: CommandContext): Promise<number> {
  print(formatManifests(createManifests(readOptions(argv))));
  return 0;
}

function readOptions(argv: readonly string[]): InferenceServiceOptions {
  const end = argv.indexOf("--");
  const args = end < 0 ? [] : argv.slice(end + 1);
  const { values: repeated, rest } = takeRepeatedFlags(end < 0 ? argv : argv.slice(0, end), REPEATED_FLAGS);
  const { values, positionals, unknown } = parseFlags(MANIFEST_FLAGS, rest);
  for (const flag of unknown) {
    const near = nearestName(flag.replace(/^-+/, "").replaceAll("-", "_"), Object.keys(MANIFEST_FLAGS));
    throw invalidArgument(
      `${flag} is no flag of manifest; ${near === undefined ? "see --help" : `did you mean --${near}?`}`,
    );
  }
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0) {
    throw invalidArgument(`expected one NAME for the service, got ${positionals.join(" ") || "none"}`);
  }
  return toOptions(name, args, values, repeated);
}

function toOptions(
  name: string,
  args: readonly string[],
  flags: ManifestFlags,
  repeated: Readonly<Record<string, Readonly<Record<string, string>>>>,
): InferenceServiceOptions {
  const hasBatcher = (flags.batch_size ?? flags.batch_latency_ms) !== undefined;
  return defined({
    name,
    namespace: flags.namespace,
    layout: flags.layout,
    mode: flags.mode === "knative" ? "Knative" : "Standard",
    annotations: repeated["annotation"],
    autoscaler: flags.autoscaler,
    timeoutSeconds: flags.timeout_seconds,
    canary:
      flags.canary_percent === undefined
        ? refuseAlone("canary_storage_uri", flags.canary_storage_uri, "canary_percent")
        : defined({ percent: flags.canary_percent, storageUri: flags.canary_storage_uri }),
    transformer: defined({
      image: required("image", flags.image),
      args,
      env: repeated["env"],
      port: flags.port,
      grpcPort: flags.grpc_port,
      h2c: flags.h2c,
      containerConcurrency: flags.container_concurrency,
      resources: defined({
        cpu: flags.cpu,
        memory: flags.memory,
        cpuLimit: flags.cpu_limit ?? (flags.cpu === MANIFEST_FLAGS.cpu.default ? "1" : undefined),
        memoryLimit: flags.memory_limit,
      }),
      scaling: defined({
        minReplicas: flags.min_replicas,
        maxReplicas: flags.max_replicas,
        metric: flags.scale_metric,
        target: flags.scale_target,
      }),
      batcher: hasBatcher
        ? defined({ maxBatchSize: flags.batch_size, maxLatencyMs: flags.batch_latency_ms })
        : undefined,
      logger:
        flags.logger_url === undefined
          ? refuseAlone("logger_mode", flags.logger_mode, "logger_url")
          : defined({ url: flags.logger_url, mode: flags.logger_mode }),
    }),
    predictor: defined({
      format: required("predictor", flags.predictor),
      formatVersion: flags.predictor_version,
      runtime: flags.predictor_runtime,
      protocol: flags.predictor_protocol,
      storageUri: required("storage_uri", flags.storage_uri),
      modelName: flags.predictor_model_name,
      env: repeated["predictor_env"],
      headless: flags.headless,
      resources: defined({ cpu: flags.predictor_cpu, memory: flags.predictor_memory, gpu: flags.predictor_gpu }),
      scaling: defined({ minReplicas: flags.predictor_min_replicas, maxReplicas: flags.predictor_max_replicas }),
      credentials: defined({
        serviceAccount: flags.service_account,
        secret: flags.secret,
        roleArn: flags.role_arn,
        s3Endpoint: flags.s3_endpoint,
        s3Region: flags.s3_region,
        s3UseHttps: flags.s3_use_https,
      }),
    }),
  });
}

function required(flag: keyof typeof MANIFEST_FLAGS, value: string | undefined): string {
  if (value === undefined) throw invalidArgument(`--${flag} is missing: ${MANIFEST_FLAGS[flag].description}`);
  return value;
}

function refuseAlone(flag: string, value: unknown, needed: string): undefined {
  if (value !== undefined) throw invalidArgument(`--${flag} goes with --${needed}`);
}
