import { STATUS_CODES } from "node:http";
import { request } from "undici";
import type { FlagValues } from "../../contract/flag.ts";
import { InferenceError, invalidArgument } from "../../errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { readInferenceInput } from "../inference-input.ts";
import { parseFlags } from "../parse-flags.ts";
import { assertKnownFlags } from "../unknown-flags.ts";

const FLAGS = {
  url: { type: "text", default: "http://localhost:8080", description: "Where the transformer listens." },
  model_name: { type: "text", description: "Model to ask; the only one by default." },
  protocol: { type: "choice", choices: ["v1", "v2"], default: "v1", description: "What is spoken." },
  explain: { type: "boolean", default: false, description: "Ask for an explanation (V1)." },
  header: { type: "text", description: "One more request header: 'Host: clothes.example.com'." },
  timeout_seconds: { type: "number", default: 60, minimum: 0.001, description: "Time for the answer." },
} as const;

export const command: Command = {
  usage: "URL|FILE|JSON… [flags]",
  summary:
    'Sends one request to a running transformer and prints the answer. A URL is a row {"url"}, a picture or another file a row\n' +
    'with its bytes {"b64"}, JSON is a row as it is; JSON with "instances" or "inputs" is the whole request.',
  flags: FLAGS,
  examples: [
    "kserve-transformer infer https://example.com/pants.jpg",
    "kserve-transformer infer pants.jpg dress.jpg --model_name clothes --url http://localhost:8081",
    "kserve-transformer infer request.json --protocol v2",
  ],
  run,
};

type InferFlags = FlagValues<typeof FLAGS>;

async function run(argv: readonly string[], { cwd, print, signal }: CommandContext): Promise<number> {
  const { values: flags, positionals, unknown } = parseFlags(FLAGS, argv);
  assertKnownFlags(unknown, FLAGS, { given: new Set(), isTerminal: true });
  if (positionals.length === 0) throw invalidArgument("expected a URL, a file or JSON to send, got nothing");
  const body = await readInferenceInput(positionals, flags.protocol, cwd);
  const until = AbortSignal.any([signal, AbortSignal.timeout(flags.timeout_seconds * 1000)]);

  const model = flags.model_name ?? (await onlyModel(flags, until));
  const verb = flags.explain ? "explain" : "predict";
  const path =
    flags.protocol === "v1"
      ? `/v1/models/${encodeURIComponent(model)}:${verb}`
      : `/v2/models/${encodeURIComponent(model)}/infer`;
  const { statusCode, text } = await call(flags, path, until, body);
  print(`${text.trimEnd()}\n`);
  if (statusCode === 200) return 0;
  throw new InferenceError(`${path} answered ${statusCode} ${STATUS_CODES[statusCode] ?? ""}`.trimEnd());
}

async function onlyModel(flags: InferFlags, signal: AbortSignal): Promise<string> {
  const { text } = await call(flags, "/v1/models", signal);
  const names = parseModels(text);
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  throw invalidArgument(`which model? ${flags.url} has ${names.join(", ") || "none that it names"}; give --model_name`);
}

function parseModels(text: string): readonly string[] {
  try {
    return (JSON.parse(text) as { readonly models?: readonly string[] }).models ?? [];
  } catch {
    return [];
  }
}

async function call(
  { url, header }: InferFlags,
  path: string,
  signal: AbortSignal,
  body?: string,
): Promise<{ readonly statusCode: number; readonly text: string }> {
  const headers = { ...parseHeader(header), ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const message = body === undefined ? {} : ({ method: "POST", body } as const);
  try {
    const response = await request(url.replace(/\/+$/, "") + path, { signal, headers, ...message });
    return { statusCode: response.statusCode, text: await response.body.text() };
  } catch (error) {
    const { code, message: text } = error as NodeJS.ErrnoException;
    throw new InferenceError(`${url} cannot be reached: ${signal.aborted ? "no answer in time" : (code ?? text)}`, {
      cause: error,
    });
  }
}

function parseHeader(header: string | undefined): Record<string, string> {
  if (header === undefined) return {};
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(header) ?? [];
  if (name === undefined || value === undefined) {
    throw invalidArgument(`--header expects NAME: VALUE, got ${JSON.stringify(header)}`);
  }
  return { [name]: value };
}
