import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { invalidArgument } from "../../errors.ts";
import { createHttpLoadClient } from "../bench/http/http-connection.ts";
import { closedLoop } from "../bench/load/closed-loop.ts";
import { runLevel } from "../bench/load/run-level.ts";
import type { LoadClientOptions } from "../bench/load-client.ts";
import { BENCH_FLAGS, type BenchFlags, SHAPE_FLAG, toLevels, toWindowPlan } from "../bench/options.ts";
import { createMessages } from "../bench/payload/create-messages.ts";
import type { BenchReport } from "../bench/report/bench-report.ts";
import { formatReport } from "../bench/report/format-report.ts";
import { type LevelSummary, summarize } from "../bench/report/summary.ts";
import { toReportJson } from "../bench/report/to-report-json.ts";
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
    "failures or interrupted, 2 a flag or file that cannot be read.",
  flags: BENCH_FLAGS,
  examples: [
    "kserve-transformer bench http://localhost:8080 pants.jpg --concurrency 1,8,32",
    "kserve-transformer bench https://clothes.example.com --data rows.jsonl --protocol v2-binary --duration_seconds 30",
  ],
  run,
};

async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const { values: repeated, rest } = takeRepeatedFlags(argv, [SHAPE_FLAG]);
  const { values: flags, given, positionals, unknown, notes } = parseFlags(BENCH_FLAGS, rest);
  const { warn, print, cwd, signal } = context;
  assertKnownFlags(unknown, BENCH_FLAGS, { given: new Set(), isTerminal: true });
  for (const note of notes) warn(`${note}\n`);
  const [url, ...words] = positionals;
  if (url === undefined) throw invalidArgument("expected the URL of a server, got nothing");
  const levels = toLevels(flags);
  const plan = toWindowPlan(flags, given);
  const connection = new Connection(url, flags.header);
  const within = AbortSignal.any([signal, AbortSignal.timeout(flags.timeout_seconds * 1000)]);
  const model = flags.model_name ?? (await connection.onlyModel(within));
  const { protocol, data, batch_rows: batchRows } = flags;
  const shapes = repeated[SHAPE_FLAG] ?? {};
  const source = { words, data, batchRows, shapes, cwd, stdin: process.stdin };
  const messages = await createMessages({ ...source, connection, model, protocol, signal: within });
  const client: LoadClientOptions = {
    url: connection.url,
    headers: connection.headers,
    messages,
    timeoutMs: flags.timeout_seconds * 1000,
  };
  const summaries: LevelSummary[] = [];
  for (const level of levels) {
    if (signal.aborted) break;
    summaries.push(await measure(level, client, { flags, plan, signal }));
  }
  const report: BenchReport = {
    url: connection.url,
    model,
    protocol: flags.protocol,
    messageBytes: messages.map(({ body }) => body.length),
    levels: summaries,
    interrupted: signal.aborted,
  };
  if (flags.json !== "-") print(formatReport(report));
  if (flags.json === "-") print(toReportJson(report));
  else if (flags.json !== undefined) await writeFile(resolve(cwd, flags.json), toReportJson(report));
  return signal.aborted || summaries.every(({ latency }) => latency === undefined) ? 1 : 0;
}

interface MeasureOptions {
  readonly flags: BenchFlags;
  readonly plan: { readonly windowMs: number; readonly maxWindows: number };
  readonly signal: AbortSignal;
}

async function measure(
  level: { readonly concurrency: number },
  client: LoadClientOptions,
  { flags, plan, signal }: MeasureOptions,
): Promise<LevelSummary> {
  const result = await runLevel({
    createClient: () => createHttpLoadClient(client),
    start: closedLoop(level.concurrency),
    warmUpMs: flags.warm_up_seconds * 1000,
    stabilityPercent: flags.stability_percent,
    ...plan,
    signal,
  });
  return summarize(level, result);
}
