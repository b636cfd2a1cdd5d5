import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { FlagValues } from "../../contract/flag.ts";
import { InferenceError, invalidArgument } from "../../errors.ts";
import type { RunTrace } from "../../playground/trace.ts";
import type { Command, CommandContext } from "../command.ts";
import { parseFlags } from "../flags/parse-flags.ts";
import { assertKnownFlags } from "../flags/unknown-flags.ts";
import { Connection } from "../infer/connection.ts";
import { createSender, type Sender } from "../infer/create-sender.ts";
import { formatTrace } from "../infer/format-trace.ts";
import { formatMeasurement, formatProgress, measure } from "../infer/measure.ts";
import { readWords } from "../infer/read-words.ts";
import { INFER_PROTOCOLS } from "../infer/to-message.ts";

const FLAGS = {
  url: { type: "text", default: "http://localhost:8080", description: "Where the transformer listens." },
  model_name: { type: "text", description: "Model to ask; the only one by default." },
  protocol: { type: "choice", choices: INFER_PROTOCOLS, default: "v1", description: "What is spoken." },
  explain: { type: "boolean", default: false, description: "Ask for an explanation (V1)." },
  trace: {
    type: "boolean",
    default: false,
    description: "Print what each hook made; the server needs --enable_playground, which `dev` has.",
  },
  repeat: { type: "integer", default: 1, minimum: 1, description: "Send the request N times, and print percentiles." },
  concurrency: { type: "integer", default: 1, minimum: 1, description: "Requests under way at a time, with --repeat." },
  header: { type: "text", description: "One more request header: 'Host: clothes.example.com'." },
  timeout_seconds: { type: "number", default: 60, minimum: 0.001, description: "Time for a response." },
} as const;

export const command: Command = {
  usage: "URL|FILE|JSON|name=value|-… [flags]",
  summary:
    'Sends a request to a running transformer and prints the response. A URL is a row {"url"}, a picture or another file a row\n' +
    'with its bytes {"b64"}, a text file {"text"}, JSON a row as it is; words name=value make one row; - is standard input. JSON\n' +
    'with "instances", "inputs" or "messages" is the whole request.',
  flags: FLAGS,
  examples: [
    "kserve-transformer infer https://example.com/pants.jpg",
    "kserve-transformer infer pants.jpg dress.jpg --model_name clothes --url http://localhost:8081",
    "kserve-transformer infer tenure=41 contract=monthly --protocol grpc",
    "kserve-transformer infer text='a fine day' --protocol openai",
    "kserve-transformer infer pants.jpg --trace",
    "kserve-transformer infer request.json --protocol v2 --repeat 200 --concurrency 8",
  ],
  run,
};

type InferFlags = FlagValues<typeof FLAGS>;

async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const { values: flags, positionals, unknown } = parseFlags(FLAGS, argv);
  const { cwd, signal } = context;
  assertKnownFlags(unknown, FLAGS, { given: new Set(), isTerminal: true });
  assertTogether(flags);
  if (positionals.length === 0)
    throw invalidArgument("expected a URL, a file, JSON or name=value to send, got nothing");
  const input = await readWords(positionals, { cwd, stdin: readStdin });
  const connection = new Connection(flags.url, flags.header);
  const model = flags.model_name ?? (await connection.onlyModel(within(flags, signal)));
  const sender = await createSender({ connection, protocol: flags.protocol, model, explain: flags.explain, input });
  try {
    return flags.repeat > 1 ? await repeat(sender, flags, context) : await once(sender, connection, flags, context);
  } finally {
    await sender.close();
  }
}

/** @throws InferenceError invalid_argument for a flag that would have no effect beside the others. */
function assertTogether({ repeat, concurrency, trace }: InferFlags): void {
  if (concurrency > repeat) {
    throw invalidArgument(`--concurrency: expected at most the ${repeat} of --repeat, got ${concurrency}`);
  }
  if (trace && repeat > 1) throw invalidArgument("--trace: expected one request, got --repeat");
}

function within({ timeout_seconds: seconds }: InferFlags, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
}

async function once(
  sender: Sender,
  connection: Connection,
  flags: InferFlags,
  { print, signal }: CommandContext,
): Promise<number> {
  const id = `infer-${randomUUID()}`;
  let failure: InferenceError | undefined;
  try {
    const { status, text } = await sender.send(id, within(flags, signal));
    print(`${text.trimEnd()}\n`);
    if (status !== 200) {
      failure = new InferenceError(`${connection.url} responded ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd());
    }
  } catch (error) {
    failure = InferenceError.from(error);
  }
  if (flags.trace) print(`\n${await readTrace(connection, id, within(flags, signal))}`);
  if (failure !== undefined) throw failure;
  return 0;
}

async function readTrace(connection: Connection, id: string, signal: AbortSignal): Promise<string> {
  const { status, text } = await connection.send(`/playground/runs/${encodeURIComponent(id)}`, signal);
  if (status === 200) return formatTrace(JSON.parse(text) as RunTrace, { color: process.stdout.isTTY === true });
  throw new InferenceError(
    `${connection.url} keeps no traces (${status}): start it with \`kserve-transformer dev\` or --enable_playground`,
  );
}

async function repeat(sender: Sender, flags: InferFlags, { print, warn, signal }: CommandContext): Promise<number> {
  const isTerminal = process.stderr.isTTY === true;
  const measurement = await measure({
    repeat: flags.repeat,
    concurrency: flags.concurrency,
    signal,
    send: async (index) => (await sender.send(`infer-${index}-${randomUUID()}`, within(flags, signal))).status,
    onProgress: (done, failed) => {
      if (isTerminal) warn(`\r${formatProgress(done, flags.repeat, failed)}`);
    },
  });
  if (isTerminal) warn("\n");
  print(formatMeasurement(measurement));
  return measurement.failed === 0 ? 0 : 1;
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
