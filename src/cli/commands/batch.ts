import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { SERVE_FLAGS } from "../../contract/flags.ts";
import { invalidArgument } from "../../errors.ts";
import { addPeerFolder } from "../../import-peer.ts";
import { createLogger } from "../../observability/logger.ts";
import { createMetrics } from "../../observability/metrics.ts";
import { createPredictor } from "../../predictor/create-predictor.ts";
import { createModelServer } from "../../server/create-app.ts";
import type { ModelServer } from "../../server/model-server.ts";
import { createAskRows } from "../batch/ask-model.ts";
import { BatchOutput, forgetAway } from "../batch/batch-output.ts";
import type { BatchSource } from "../batch/batch-source.ts";
import { openSource } from "../batch/open-source.ts";
import { RETRIED, type RowOutcome, runBatch } from "../batch/run-batch.ts";
import { parseS3Place } from "../batch/s3-store.ts";
import { parseShard } from "../batch/shard.ts";
import type { Command, CommandContext } from "../command.ts";
import { toFlagEnvironment } from "../flags/environment.ts";
import { type ParsedFlags, parseFlags } from "../flags/parse-flags.ts";
import { assertKnownFlags } from "../flags/unknown-flags.ts";
import { createDownloads } from "../serve/create-downloads.ts";
import { resolvePredictorChoice } from "../serve/predictor-choice.ts";
import { toServeOptions } from "../serve/settings.ts";
import { wrapPredictor } from "../serve/wrap-predictor.ts";
import { type FoundTransformer, findTransformer } from "../transformer/find-transformer.ts";
import { loadTransformer } from "../transformer/load-transformer.ts";

const OWN_FLAGS = {
  input: {
    type: "text",
    description: "A .jsonl, .csv, .parquet or .txt file, a folder of pictures, a picture, an s3:// URL, or -.",
  },
  output: {
    type: "text",
    description: "File of JSON lines with a prediction each; {shard} stands for the shard's index.",
  },
  failures: {
    type: "text",
    description: "File of the rows that failed, with their errors; default OUTPUT.failed.jsonl.",
  },
  resume: { type: "boolean", default: false, description: "Go on after a stop: rows that are in the files are done." },
  batch_rows: { type: "integer", default: 16, minimum: 1, description: "Rows of one request." },
  concurrency: { type: "integer", default: 4, minimum: 1, description: "Requests under way at a time." },
  retries: {
    type: "integer",
    default: 4,
    minimum: 0,
    description: "Further tries where the predictor or S3 is busy or away.",
  },
  max_failures: {
    type: "integer",
    default: 0,
    minimum: 0,
    description: "More failed rows than this stop the batch: exit 1.",
  },
  shard: { type: "text", description: "INDEX/COUNT: every COUNT-th row; COUNT alone takes JOB_COMPLETION_INDEX." },
} as const;

const FLAGS: typeof SERVE_FLAGS & typeof OWN_FLAGS = { ...SERVE_FLAGS, ...OWN_FLAGS };

export const command: Command = {
  usage: "[FILE|FOLDER|NAME] --input FILE --output FILE [flags of serve]",
  summary:
    "Sends the rows of a file through a transformer and its predictor, as `serve` would, and writes a line of JSON for each:\n" +
    '{"row", "prediction"}, in the order of the rows. After a stop, --resume goes on: nothing is lost and nothing is twice.',
  flags: FLAGS,
  commonFlags: [
    ...Object.keys(OWN_FLAGS),
    "model_name",
    "predictor_host",
    "predictor_protocol",
    "predictor",
    "log_level",
  ],
  examples: [
    "kserve-transformer batch clothing.ts --predictor onnx:./clothing.onnx --input pictures/ --output labels.jsonl",
    "kserve-transformer batch tabular --predictor none --input customers.csv --output churn.jsonl --resume",
    "kserve-transformer batch clothing.ts --predictor_host models:8080 --input list.txt --output 'out-{shard}.jsonl' --shard 3/64",
  ],
  run,
};

type BatchFlags = ParsedFlags<typeof FLAGS>;

async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const { env, cwd } = context;
  const parsed = parseFlags(FLAGS, argv, toFlagEnvironment(env));
  assertKnownFlags(parsed.unknown, FLAGS, { given: new Set(), isTerminal: true });
  const { input, output } = parsed.values;
  if (input === undefined) throw invalidArgument("--input is missing: the file whose rows are sent");
  if (output === undefined) throw invalidArgument("--output is missing: the file for the predictions");
  assertOnDisk({ "--output": output, "--failures": parsed.values.failures });
  const found = findTransformer(parsed.positionals[0] ?? (env["TRANSFORMER"] || undefined), cwd);
  // What reads Parquet may be a package of the transformer's.
  if (!found.shipped) addPeerFolder(dirname(found.path));
  const { signal } = context;
  const warn = (text: string): void => context.warn(text);
  const source = await openSource(input, { cwd, stdin: process.stdin, env, signal, warn });
  const server = await openModel(found, parsed, context);
  try {
    return await writeBatch(source, server, { ...parsed.values, output }, context);
  } finally {
    await server.close();
  }
}

/** The server of the transformer, which does not listen; its model is loaded. @throws what loading throws. */
async function openModel(
  found: FoundTransformer,
  { values: flags, given }: BatchFlags,
  context: CommandContext,
): Promise<ModelServer> {
  const { env, cwd } = context;
  const log = createLogger({ level: "warn", destination: { write: (line) => context.warn(line) } });
  const { source } = await loadTransformer(found, { env: { ...env, ...found.env } }, cwd);
  const choice = resolvePredictorChoice(flags, env, cwd);
  const plain = choice && (await createPredictor(choice.target, { ...choice.options, log }));
  const predictor = plain && (await wrapPredictor(plain, flags, createMetrics()));
  const fetch = createDownloads(flags.image_allow);
  const options = { ...toServeOptions(flags, given, env), authentication: undefined, predictor, fetch, log };
  const server = createModelServer(source, options);
  await server.registry.load();
  const [model] = server.registry.models;
  if (model?.state === "failed") throw model.failure;
  return server;
}

interface Counts {
  done: number;
  failed: number;
}

async function writeBatch(
  source: BatchSource,
  server: ModelServer,
  flags: BatchFlags["values"] & { readonly output: string },
  { env, cwd, warn, print, signal }: CommandContext,
): Promise<number> {
  const shard = parseShard(flags.shard, env["JOB_COMPLETION_INDEX"]);
  const place = (path: string): string => resolve(cwd, path.replaceAll("{shard}", String(shard?.index ?? 0)));
  const done = new Set<number>();
  const counts: Counts = { done: 0, failed: 0 };
  const { resume } = flags;
  const [output, failed] = [place(flags.output), place(flags.failures ?? `${flags.output}.failed.jsonl`)];
  assertApart({ "--output": output, "--failures": failed, "--input": resolve(cwd, flags.input ?? "-") });
  mkdirSync(dirname(output), { recursive: true });
  if (resume) forgetAway(failed, (status) => RETRIED.has(Number(status)));
  const predictions = new BatchOutput(output, { resume, rows: (row) => void done.add(row) });
  const failures = new BatchOutput(failed, {
    resume,
    rows: (row) => {
      done.add(row);
      counts.failed += 1;
    },
  });
  const resumed = done.size;
  const stopProgress = startProgress(source, counts, warn);
  try {
    await runBatch({
      source,
      ask: createAskRows(server, flags.model_name, signal),
      batchSize: flags.batch_rows,
      concurrency: flags.concurrency,
      retries: flags.retries,
      wanted: (index) => (shard === undefined || index % shard.count === shard.index) && !done.has(index),
      onOutcome: (outcome) => {
        // A request that the stop itself ended has not failed: it is asked again by --resume.
        if (signal.aborted && "failure" in outcome) return false;
        counts.done += 1;
        if ("failure" in outcome) counts.failed += 1;
        write(outcome, predictions, failures);
        return counts.failed <= flags.max_failures;
      },
      signal,
    });
  } finally {
    stopProgress();
    predictions.close();
    failures.close();
  }
  const before = resumed > 0 ? `, ${resumed} were done before` : "";
  print(`${counts.done} rows${before}, ${counts.failed} failed\n`);
  if (signal.aborted) print("stopped: go on with --resume\n");
  else if (counts.failed > flags.max_failures)
    print(`more than ${flags.max_failures} failed (--max_failures): stopped; the errors are in ${failed}\n`);
  return signal.aborted || counts.failed > flags.max_failures ? 1 : 0;
}

/** Only names that a picture may have are sent. */
/** An object of S3 cannot be appended to. @throws InferenceError invalid_argument */
function assertOnDisk(files: Readonly<Record<string, string | undefined>>): void {
  for (const [flag, file] of Object.entries(files)) {
    if (file === undefined || parseS3Place(file) === undefined) continue;
    throw invalidArgument(`${flag} ${file}: expected a file on a disk; copy it to S3 when the batch is done`);
  }
}

/** Each would write over what another reads or writes. @throws InferenceError invalid_argument */
function assertApart(files: Readonly<Record<string, string>>): void {
  const named = new Map<string, string>();
  for (const [flag, file] of Object.entries(files)) {
    const other = named.get(file);
    if (other !== undefined) throw invalidArgument(`${other} and ${flag} are the same file, ${file}`);
    named.set(file, flag);
  }
}

function write(outcome: RowOutcome, predictions: BatchOutput, failures: BatchOutput): void {
  const { index, file } = outcome.row;
  const name = file === undefined ? "" : `,"file":${JSON.stringify(file)}`;
  if ("prediction" in outcome) predictions.append(`{"row":${index}${name},"prediction":${outcome.prediction}}`);
  else failures.append(`{"row":${index}${name},${JSON.stringify(outcome.failure).slice(1)}`);
}

const PROGRESS_MS = 200;

/** Rows, rate and time left on a terminal; nothing elsewhere. */
function startProgress(source: BatchSource, counts: Counts, warn: (text: string) => void): () => void {
  if (process.stderr.isTTY !== true) return () => undefined;
  const started = performance.now();
  const show = (): void => {
    const seconds = (performance.now() - started) / 1000;
    const share = source.progress();
    const left = share === undefined || share === 0 ? "" : `, ${Math.ceil((seconds / share) * (1 - share))} s left`;
    const percent = share === undefined ? "" : `${Math.floor(share * 100)} %, `;
    warn(
      `\r${percent}${counts.done} rows, ${(counts.done / seconds).toFixed(0)} per second${left}, ${counts.failed} failed   `,
    );
  };
  const timer = setInterval(show, PROGRESS_MS).unref();
  return () => {
    clearInterval(timer);
    show();
    warn("\n");
  };
}
