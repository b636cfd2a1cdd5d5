import { readFileSync, statSync } from "node:fs";
import { totalmem } from "node:os";
import { resolve } from "node:path";
import { getHeapStatistics } from "node:v8";
import type { FlagTable, FlagValues } from "../../contract/flag.ts";
import { invalidArgument } from "../../errors.ts";
import { packageRoot } from "../../threads/package-entries.ts";
import { defaultThreads } from "../../threads/thread-pool.ts";
import type { Command, CommandContext } from "../command.ts";
import { examineCluster } from "../doctor/cluster/examine-cluster.ts";
import { createKubectl } from "../doctor/cluster/kubectl.ts";
import { type Finding, hasErrors } from "../doctor/finding.ts";
import { formatReport, toReportJson } from "../doctor/format-report.ts";
import { examineMachine, type Machine } from "../doctor/machine/examine-machine.ts";
import { examineProject } from "../doctor/project/examine-project.ts";
import { examineService } from "../doctor/service/examine-service.ts";
import { parseFlags } from "../flags/parse-flags.ts";
import { readFileFlag } from "../flags/read-file-flag.ts";
import { readTextFile } from "../flags/read-text-file.ts";
import { Connection } from "../infer/connection.ts";

const DOCTOR_FLAGS = {
  only: {
    type: "list",
    description:
      "What to look at, of machine, project and cluster; all three by default. With a URL it is the service.",
  },
  model_name: { type: "text", description: "Model of the service; its only one by default." },
  input: { type: "text", description: "File with a request body to send through to the predictor." },
  header: { type: "text", description: 'Header that goes along: "authorization: Bearer TOKEN".' },
  ca_file: { type: "text", description: "Certificates (PEM) to trust besides the machine's." },
  timeout_seconds: { type: "number", default: 5, minimum: 0.1, description: "How long each question may take." },
  host: { type: "text", description: "Address whose ports are tried; all of them by default." },
  http_port: {
    type: "integer",
    default: 8080,
    minimum: 0,
    maximum: 65535,
    description: "Port that must be free here.",
  },
  namespace: { type: "text", description: "Namespace of the cluster; kubectl's own by default." },
  fix: { type: "boolean", default: false, description: "Make the fixes by which nothing can be lost." },
  json: { type: "boolean", default: false, description: "Print the findings as JSON." },
} as const satisfies FlagTable;

const SERVICE_FLAGS = ["model_name", "input", "header", "ca_file", "timeout_seconds"];
const FOLDER_FLAGS = ["only", "host", "http_port", "namespace", "fix"];

type DoctorFlags = FlagValues<typeof DOCTOR_FLAGS>;

export const command: Command = {
  usage: "[URL|FOLDER] [flags]",
  summary:
    "Finds what is wrong and says how to fix it: in this machine, the project in the folder and the cluster of kubectl, or in a\n" +
    "running service by its URL. Exit code: 0 nothing or warnings, 1 errors, 2 a flag or file that cannot be read.",
  flags: DOCTOR_FLAGS,
  examples: [
    "kserve-transformer doctor",
    "kserve-transformer doctor --only project --fix",
    "kserve-transformer doctor https://clothes.example.com --model_name clothes --input request.json",
  ],
  run,
};

async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const { values, given, positionals, unknown } = parseFlags(DOCTOR_FLAGS, argv);
  if (unknown.length > 0) throw invalidArgument(`${unknown.join(", ")}: no flag of doctor; see --help`);
  const [place = ".", ...others] = positionals;
  if (others.length > 0) throw invalidArgument(`expected one URL or folder, got ${positionals.join(" ")}`);
  const folder = resolve(context.cwd, place);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const foreign = [...given].find((flag) => (isFolder ? SERVICE_FLAGS : FOLDER_FLAGS).includes(flag));
  if (foreign !== undefined)
    throw invalidArgument(`--${foreign} goes with ${isFolder ? "a URL" : "a folder"}, got ${place}`);
  const findings = isFolder ? await examineHere(folder, values, context) : await examineUrl(place, values, context);
  const repaired = new Set<Finding>();
  for (const finding of values.fix ? findings : []) {
    if (finding.repair === undefined) continue;
    finding.repair();
    repaired.add(finding);
  }
  context.print(values.json ? toReportJson(findings, repaired) : formatReport(findings, repaired));
  return hasErrors(findings.filter((finding) => !repaired.has(finding))) ? 1 : 0;
}

const SUBJECTS = ["machine", "project", "cluster"];

async function examineHere(folder: string, flags: DoctorFlags, { env, signal }: CommandContext): Promise<Finding[]> {
  const { only = SUBJECTS, host, http_port: port, namespace } = flags;
  const wrong = only.find((subject) => !SUBJECTS.includes(subject));
  if (wrong !== undefined) throw invalidArgument(`--only: expected ${SUBJECTS.join(", ")}, got ${wrong}`);
  const found: Finding[] = [];
  if (only.includes("machine")) found.push(...(await examineMachine(thisMachine(), host, [port])));
  if (only.includes("project")) found.push(...(await examineProject({ folder, env, signal })));
  if (only.includes("cluster")) found.push(...(await examineCluster(createKubectl({ env, signal }), namespace)));
  return found;
}

async function examineUrl(url: string, flags: DoctorFlags, { cwd }: CommandContext): Promise<Finding[]> {
  const { model_name: model, input, header, ca_file: file, timeout_seconds: seconds } = flags;
  const { headers } = new Connection(url, header);
  const ca = readFileFlag("ca_file", file === undefined ? undefined : resolve(cwd, file));
  return examineService({
    url,
    model,
    headers,
    ca: ca === undefined ? undefined : [ca],
    input: input === undefined ? undefined : await readTextFile(input, cwd),
    timeoutMs: seconds * 1000,
  });
}

function thisMachine(): Machine {
  const { engines } = JSON.parse(readFileSync(new URL("package.json", packageRoot()), "utf8"));
  return {
    nodeVersion: process.versions.node,
    nodeRange: engines.node,
    memoryBytes: totalmem(),
    heapBytes: getHeapStatistics().heap_size_limit,
    imageThreads: defaultThreads(),
    cgroupFolder: "/sys/fs/cgroup",
    importPackage: (name) => import(name),
  };
}
