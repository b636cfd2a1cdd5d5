import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { invalidArgument } from "../../errors.ts";
import { createLoadClient } from "../bench/create-load-client.ts";
import { BENCH_FLAGS, type BenchPlan, SHAPE_FLAG, toBenchPlan } from "../bench/options.ts";
import { createMessages } from "../bench/payload/create-messages.ts";
import type { BenchReport } from "../bench/report/bench-report.ts";
import { formatReport } from "../bench/report/format-report.ts";
import { formatWindow } from "../bench/report/format-window.ts";
import { toReportJson } from "../bench/report/to-report-json.ts";
import { type BenchResult, runBench } from "../bench/run-bench.ts";
import type { Command, CommandContext } from "../command.ts";
import { parseFlags } from "../flags/parse-flags.ts";
import { takeRepeatedFlags } from "../flags/repeated-flags.ts";
import { assertKnownFlags } from "../flags/unknown-flags.ts";
import { Connection } from "../infer/connection.ts";

export const command: Command = {
  usage: "URL [ROW…] [flags]",
  summary:
    "Sends load to a running server and reports throughput, latencies and failures. What is sent are rows as `infer` reads them,\n" +
    "the requests of --data, or, without both, tensors made up from the model's metadata. Exit code: 0 measured, 1 nothing but\n" +
    "failures, no rate within the objective or interrupted, 2 a flag or file that cannot be read.",
  flags: BENCH_FLAGS,
  examples: [
    "kserve-transformer bench http://localhost:8080 pants.jpg --concurrency 1,8,32",
    "kserve-transformer bench https://clothes.example.com --data rows.jsonl --protocol v2-binary --rate 100,200,400",
    "kserve-transformer bench http://localhost:8080 --protocol grpc --slo_p99_ms 50 --json report.json",
  ],
  run,
};

async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const { values: repeated, rest } = takeRepeatedFlags(argv, [SHAPE_FLAG]);
  const { values: flags, given, positionals, unknown, notes } = parseFlags(BENCH_FLAGS, rest);
  const { warn, print, cwd, env, signal } = context;
  assertKnownFlags(unknown, BENCH_FLAGS, { given: new Set(), isTerminal: true });
  for (const note of notes) warn(`${note}\n`);
  const [url, ...words] = positionals;
  if (url === undefined) throw invalidArgument("expected the URL of a server, got nothing");
  const plan = toBenchPlan(flags, given);
  const timeoutMs = flags.timeout_seconds * 1000;
  const connection = new Connection(url, flags.header);
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const model = flags.model_name ?? (await connection.onlyModel(within));
  const { protocol, data, batch_rows: batchRows } = flags;
  const source = { words, data, batchRows, shapes: repeated[SHAPE_FLAG] ?? {}, cwd, env, stdin: process.stdin };
  const messages = await createMessages({ ...source, connection, model, protocol, signal: within, warn });
  const client = { url: connection.url, headers: connection.headers, messages, timeoutMs };
  const result = await runBench({
    plan,
    createClient: () => createLoadClient(protocol, client),
    onWindow: (level, window, number) => {
      if (process.stderr.isTTY === true) warn(`${formatWindow(level, window, number)}\n`);
    },
    signal,
  });
  const report: BenchReport = {
    url: connection.url,
    model,
    protocol,
    messageBytes: messages.map(({ body }) => body.length),
    levels: result.levels,
    objective: toObjective(plan, result),
    interrupted: signal.aborted,
  };
  if (flags.json === "-") print(toReportJson(report));
  else print(formatReport(report));
  if (flags.json !== undefined && flags.json !== "-") await writeReport(resolve(cwd, flags.json), report);
  return isMeasured(report) ? 0 : 1;
}

function toObjective({ objectiveMs }: BenchPlan, { found }: BenchResult): BenchReport["objective"] {
  return objectiveMs === undefined || found === undefined ? undefined : { p99Ms: objectiveMs, ...found };
}

function isMeasured({ levels, objective, interrupted }: BenchReport): boolean {
  if (interrupted || (objective !== undefined && objective.rate === undefined)) return false;
  return levels.some(({ latency }) => latency !== undefined);
}

async function writeReport(file: string, report: BenchReport): Promise<void> {
  await writeFile(file, toReportJson(report)).catch((error: NodeJS.ErrnoException) => {
    throw invalidArgument(`--json: ${file} cannot be written (${error.code})`, error);
  });
}
