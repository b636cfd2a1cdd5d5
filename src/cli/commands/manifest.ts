import type { FlagTable, FlagValues } from "../../contract/flag.ts";
import { invalidArgument } from "../../errors.ts";
import { createBatchJob } from "../../manifest/batch-job.ts";
import { diffManifests, type ManifestDifference } from "../../manifest/diff-manifests.ts";
import { formatManifests } from "../../manifest/format-manifests.ts";
import { createInferenceGraph } from "../../manifest/inference-graph.ts";
import { createManifests } from "../../manifest/inference-service/inference-service.ts";
import type { InferenceServiceOptions } from "../../manifest/inference-service/inference-service-options.ts";
import { createKafkaSource } from "../../manifest/kafka-source.ts";
import { defined } from "../../manifest/kserve-objects.ts";
import { nearestName } from "../../nearest-name.ts";
import type { Command, CommandContext } from "../command.ts";
import { parseFlags } from "../flags/parse-flags.ts";
import { readTextFile } from "../flags/read-text-file.ts";
import { type RepeatedFlags, takeRepeatedFlags } from "../flags/repeated-flags.ts";
import { readGraphOptions, takeSteps } from "../manifest/graph-steps.ts";
import { MANIFEST_FLAGS, REPEATED_FLAGS } from "../manifest/manifest-flags.ts";
import { readManifestSource } from "../manifest/manifest-source.ts";

export const command: Command = {
  usage: "[NAME] --image IMAGE --predictor FORMAT --storage_uri URI [flags] [-- arguments of the transformer]",
  summary: "Prints the InferenceService of a transformer and its predictor, as KServe 0.20 takes it.",
  flags: MANIFEST_FLAGS,
  examples: [
    "kserve-transformer manifest churn --image registry.example/churn:1 --predictor sklearn --storage_uri s3://models/churn",
    "kserve-transformer manifest clothes --image registry.example/clothes:1 --predictor triton --predictor_protocol grpc-v2 \\",
    "  --storage_uri pvc://models/clothes --predictor_model_name clothing --layout collocated | kubectl apply -f -",
    "kserve-transformer manifest --from churn.ts --image registry.example/churn:1 --predictor sklearn --storage_uri s3://models/churn",
    "kserve-transformer manifest clothes-prices --graph sequence --step clothes --step prices",
  ],
  run,
};

type ManifestFlags = FlagValues<typeof MANIFEST_FLAGS>;

async function run(argv: readonly string[], { cwd, print }: CommandContext): Promise<number> {
  const { name: given, args, values, repeated, steps } = readCommandLine(argv);
  const source =
    values.from === undefined ? undefined : await readManifestSource(values.from, repeated["env"] ?? {}, cwd);
  const name = given ?? source?.name;
  if (name === undefined) {
    const why = source === undefined ? "" : `; ${values.from} has no name that a service may have`;
    throw invalidArgument(`expected one NAME for the service, got none${why}`);
  }
  const head = (source?.comments ?? []).map((line) => `# ${line}\n`).join("");
  const text = head + formatManifests(createObjects(name, args, values, repeated, steps));
  if (values.diff === undefined) {
    print(text);
    return 0;
  }
  const differences = diffManifests(await readTextFile(values.diff, cwd), text);
  print(formatDifferences(values.diff, differences));
  return differences.length === 0 ? 0 : 1;
}

function createObjects(
  name: string,
  args: readonly string[],
  flags: ManifestFlags,
  repeated: RepeatedFlags["values"],
  steps: readonly string[],
): readonly object[] {
  if (flags.graph !== undefined) {
    const given = Object.keys(MANIFEST_FLAGS).filter((flag) => isGiven(flag as keyof ManifestFlags, flags));
    given.push(...Object.keys(repeated).filter((flag) => Object.keys(repeated[flag] ?? {}).length > 0));
    const other = given.find((flag) => !["graph", "diff", "namespace"].includes(flag));
    if (other !== undefined) throw invalidArgument(`--${other} is the service's; a graph has --step and --namespace`);
    return [createInferenceGraph(readGraphOptions(name, flags, steps))];
  }
  if (flags.shards !== undefined) return [createJob(name, args, flags, repeated)];
  refuseAlone("claim", flags.claim, "shards");
  if (steps.length > 0) throw invalidArgument("--step goes with --graph");
  const objects = createManifests(toOptions(name, args, flags, repeated));
  if (flags.kafka_topics === undefined) {
    refuseAlone("kafka_servers", flags.kafka_servers, "kafka_topics");
    return objects;
  }
  const source = createKafkaSource(
    defined({
      service: name,
      namespace: flags.namespace,
      topics: flags.kafka_topics.split(","),
      bootstrapServers: required("kafka_servers", flags.kafka_servers).split(","),
    }),
  );
  return [...objects, source];
}

const JOB_FLAGS = [
  "from",
  "shards",
  "claim",
  "image",
  "namespace",
  "env",
  "cpu",
  "memory",
  "cpu_limit",
  "memory_limit",
  "diff",
];

function createJob(
  name: string,
  args: readonly string[],
  flags: ManifestFlags,
  repeated: RepeatedFlags["values"],
): object {
  const given = Object.keys(MANIFEST_FLAGS).filter((flag) => isGiven(flag as keyof ManifestFlags, flags));
  given.push(...Object.keys(repeated).filter((flag) => Object.keys(repeated[flag] ?? {}).length > 0));
  const other = given.find((flag) => !JOB_FLAGS.includes(flag));
  if (other !== undefined) throw invalidArgument(`--${other} is the service's; a job has --${JOB_FLAGS.join(", --")}`);
  const { shards = 1, namespace, cpu, memory, cpu_limit: cpuLimit, memory_limit: memoryLimit } = flags;
  const image = required("image", flags.image);
  const claim = required("claim", flags.claim);
  const resources = defined({ cpu, memory, cpuLimit, memoryLimit });
  return createBatchJob(defined({ name, namespace, image, shards, claim, args, env: repeated["env"], resources }));
}

/** True for a flag that has another value than its default. */
function isGiven(flag: keyof ManifestFlags, flags: ManifestFlags): boolean {
  const table: FlagTable = MANIFEST_FLAGS;
  return flags[flag] !== undefined && flags[flag] !== table[flag]?.default;
}

function formatDifferences(file: string, differences: readonly ManifestDifference[]): string {
  if (differences.length === 0) return `${file} says the same\n`;
  const lines = differences.map(({ object, path, before, after }) => {
    const where = path === "" ? object : `${object}: ${path}`;
    return [before === undefined ? "" : `- ${where}: ${before}\n`, after === undefined ? "" : `+ ${where}: ${after}\n`];
  });
  return lines.flat().join("");
}

interface CommandLine {
  readonly name: string | undefined;
  readonly args: readonly string[];
  readonly values: ManifestFlags;
  readonly repeated: RepeatedFlags["values"];
  readonly steps: readonly string[];
}

function readCommandLine(argv: readonly string[]): CommandLine {
  const end = argv.indexOf("--");
  const args = end < 0 ? [] : argv.slice(end + 1);
  const { steps, others: own } = takeSteps(end < 0 ? argv : argv.slice(0, end));
  const { values: repeated, rest } = takeRepeatedFlags(own, REPEATED_FLAGS);
  const { values, positionals, unknown } = parseFlags(MANIFEST_FLAGS, rest);
  for (const flag of unknown) {
    const near = nearestName(flag.replace(/^-+/, "").replaceAll("-", "_"), Object.keys(MANIFEST_FLAGS));
    throw invalidArgument(
      `${flag} is no flag of manifest; ${near === undefined ? "see --help" : `did you mean --${near}?`}`,
    );
  }
  const [name, ...others] = positionals;
  if (others.length > 0) {
    throw invalidArgument(`expected one NAME for the service, got ${positionals.join(" ")}`);
  }
  return { name, args, values, repeated, steps };
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
