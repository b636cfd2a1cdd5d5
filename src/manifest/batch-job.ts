import { invalidArgument } from "../errors.ts";
import { defined, type KubernetesObject } from "./kserve-objects.ts";

export interface BatchJobOptions {
  readonly name: string;
  readonly namespace?: string;
  /** Image of the transformer. */
  readonly image: string;
  /** Pods that share the rows, each with its index. */
  readonly shards: number;
  /** What `batch` gets besides `--shard`; `{shard}` in an output stands for the index. */
  readonly args: readonly string[];
  /** PersistentVolumeClaim at /data, where rows and predictions lie: a pod's own disk ends with it. */
  readonly claim: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly resources: {
    readonly cpu: string;
    readonly memory: string;
    readonly cpuLimit?: string;
    readonly memoryLimit?: string;
  };
}

export interface BatchJob extends KubernetesObject {
  readonly kind: "Job";
  readonly spec: object;
}

/**
 * An Indexed Job that runs `batch` once for each shard; a pod that ends early is made again, and resumes.
 *
 * @throws InferenceError invalid_argument for several shards that would write one output
 */
export function createBatchJob(options: BatchJobOptions): BatchJob {
  const { name, namespace, image, shards, args, claim, env = {}, resources } = options;
  for (const flag of ["--input", "--output"]) {
    if (!args.some((arg) => arg === flag || arg.startsWith(`${flag}=`))) {
      throw invalidArgument(`the job has no ${flag}: give batch's arguments behind --, for example -- ${flag} FILE`);
    }
  }
  if (shards > 1 && !args.some((arg) => arg.includes("{shard}"))) {
    throw invalidArgument(
      `${shards} shards would write one output: give --output with {shard}, for example out-{shard}.jsonl`,
    );
  }
  const { cpu, memory, cpuLimit = cpu, memoryLimit = memory } = resources;
  const container = {
    name: "batch",
    image,
    command: ["node", "/app/dist/src/cli/main.js", "batch"],
    args: [...args, "--shard", String(shards), "--resume"],
    ...(Object.keys(env).length === 0
      ? {}
      : { env: Object.entries(env).map(([key, value]) => ({ name: key, value })) }),
    resources: { requests: { cpu, memory }, limits: { cpu: cpuLimit, memory: memoryLimit } },
    volumeMounts: [{ name: "data", mountPath: "/data" }],
    securityContext: {
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: defined({ name: `${name}-batch`, namespace }),
    spec: {
      // Each pod finds its index in JOB_COMPLETION_INDEX.
      completionMode: "Indexed",
      completions: shards,
      parallelism: shards,
      backoffLimit: shards * 3,
      template: {
        spec: {
          restartPolicy: "Never",
          containers: [container],
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  };
}
