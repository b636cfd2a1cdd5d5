import { realpath, rename, stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { FlagTable, FlagValues } from "../../contract/flag.ts";
import { invalidArgument } from "../../errors.ts";
import { type CheckResult, checkManifest } from "../../manifest/checks/check-manifest.ts";
import { fixManifest } from "../../manifest/checks/fix-manifest.ts";
import type { ServiceSurroundings } from "../../manifest/checks/service/service.ts";
import type { Command, CommandContext } from "../command.ts";
import { parseFlags } from "../flags/parse-flags.ts";
import { readTextFile } from "../flags/read-text-file.ts";

const CHECK_FLAGS = {
  namespace: { type: "text", description: "Namespace of manifests that name none: default." },
  mode: {
    type: "choice",
    choices: ["standard", "knative"],
    description: "The cluster's deployment mode, for manifests that name none.",
  },
  fix: {
    type: "boolean",
    default: false,
    description: "Write fixes into the file where only one can be meant, and check what is left.",
  },
} as const satisfies FlagTable;

export const command: Command = {
  usage: "FILE.yaml … [flags]",
  summary:
    "Names what KServe 0.20 would refuse, fail on later or ignore in silence, with the line and how to fix it. - reads standard\n" +
    "input. Exit code: 0 nothing or warnings, 1 errors, 2 a file or flag that cannot be read.",
  flags: CHECK_FLAGS,
  examples: [
    "kserve-transformer check inferenceservice.yaml",
    "kubectl kustomize . | kserve-transformer check -",
    "kserve-transformer check --fix inferenceservice.yaml",
  ],
  run,
};

async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const { cwd, print } = context;
  const { values, positionals, unknown } = parseFlags(CHECK_FLAGS, argv);
  if (unknown.length > 0) throw invalidArgument(`${unknown.join(", ")}: check has --namespace, --mode and --fix only`);
  if (positionals.length === 0) throw invalidArgument("expected a YAML file to check, got none");
  if (values.fix && positionals.includes("-")) throw invalidArgument("--fix writes into files, got - (standard input)");
  let isClean = true;
  for (const file of positionals) {
    const text = await readTextFile(file, cwd);
    const result = values.fix
      ? await fixFile(file, text, toSurroundings(values), context)
      : checkManifest(text, toSurroundings(values));
    print(formatResult(file, result));
    isClean &&= Object.keys(result.checked).length > 0 && result.findings.every(({ severity }) => severity !== "error");
  }
  return isClean ? 0 : 1;
}

/** Writes the fixed text in place, by a rename, so that a stop halfway leaves the old file whole. */
async function fixFile(
  file: string,
  before: string,
  surroundings: ServiceSurroundings,
  { cwd, print }: CommandContext,
): Promise<CheckResult> {
  const { text, fixed, result } = fixManifest(before, surroundings);
  if (text !== before) {
    const path = await realpath(resolve(cwd, file));
    const { mode } = await stat(path);
    await writeFile(`${path}.fixed`, text, { mode, flag: "wx" });
    await rename(`${path}.fixed`, path);
  }
  for (const { line, path, fix, check } of fixed) print(`${file}:${line}: fixed: ${path}: ${fix} [${check}]\n`);
  return result;
}

function toSurroundings({ namespace, mode }: FlagValues<typeof CHECK_FLAGS>): ServiceSurroundings {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(mode === undefined ? {} : { mode: mode === "knative" ? "Knative" : "Standard" }),
  };
}

function formatResult(file: string, { checked, passedOver, findings }: CheckResult): string {
  const lines = findings.map(
    ({ line, severity, check, path, message, fix }) =>
      `${file}:${line}: ${severity}: ${path === "" ? "" : `${path}: `}${message} [${check}]\n    ${fix}\n`,
  );
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const objects = Object.entries(checked).map(([kind, number]) => count(number, kind));
  const nothing = objects.length === 0;
  const counts = [
    ...(nothing ? [count(0, "InferenceService")] : objects),
    count(errors, "error"),
    count(findings.length - errors, "warning"),
  ];
  const others = Object.entries(passedOver).map(([kind, number]) => (number === 1 ? kind : `${number} ${kind}`));
  const rest = others.length === 0 ? "" : `; not checked: ${others.join(", ")}`;
  return `${lines.join("")}${file}: ${counts.join(", ")}${nothing ? ": nothing here to check" : ""}${rest}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
