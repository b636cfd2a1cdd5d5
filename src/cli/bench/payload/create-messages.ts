import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import { invalidArgument } from "../../../errors.ts";
import type { ModelMetadata } from "../../../inference/model-metadata.ts";
import { parseModelMetadata } from "../../../predictor/http/parse-metadata.ts";
import type { Connection } from "../../infer/connection.ts";
import { type InferInput, readWords } from "../../infer/read-words.ts";
import { encodeMessage, type InferMessage, type InferProtocol, toMessage } from "../../infer/to-message.ts";
import { madeUpRequests } from "./made-up-requests.ts";
import { readData } from "./read-data.ts";

export interface CreateMessagesOptions {
  readonly connection: Connection;
  readonly model: string;
  readonly protocol: InferProtocol;
  /** Rows of the command line, as `infer` reads them. */
  readonly words: readonly string[];
  readonly data: string | undefined;
  readonly batchRows: number;
  /** Sizes for the dimensions that the metadata leaves open, by input. */
  readonly shapes: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: Readable;
  /** Where S3 and its keys are said. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told what of `data` is left out. */
  warn(text: string): void;
}

/**
 * The messages of a load: from words, from a file, or made up from the model's metadata.
 * @throws InferenceError invalid_argument for what cannot be read, and for a model that says nothing of its inputs.
 */
export async function createMessages(options: CreateMessagesOptions): Promise<readonly InferMessage[]> {
  const { words, data, protocol, model, shapes } = options;
  if (words.length > 0 && data !== undefined) throw invalidArgument("expected rows or --data, got both");
  const isMadeUp = words.length === 0 && data === undefined;
  const [named] = Object.keys(shapes);
  if (!isMadeUp && named !== undefined)
    throw invalidArgument(`--shape ${named} is of made-up tensors; rows were given`);
  const takesTensors = protocol !== "v1" && protocol !== "openai";
  const metadata = isMadeUp || takesTensors ? await askMetadata(options) : undefined;
  if (!isMadeUp) return (await readInputs(options)).map((input) => toMessage(input, { protocol, model, metadata }));
  if (protocol === "openai") throw invalidArgument("--protocol openai takes text=… or --data: metadata has no chat");
  if (metadata === undefined || metadata.inputs.length === 0) {
    throw invalidArgument(`${model} says nothing of its inputs in /v2/models/${model}; give rows or --data`);
  }
  const requests = madeUpRequests(metadata, { model, batchRows: options.batchRows, shapes });
  return requests.map((request) => encodeMessage(request, { protocol, model }));
}

async function readInputs(options: CreateMessagesOptions): Promise<InferInput[]> {
  const { words, data, cwd, stdin, batchRows } = options;
  if (data !== undefined) return readData(data, options);
  if (batchRows > 1) throw invalidArgument("--batch_rows is of --data and made-up tensors; rows were given");
  const readStdin = async (): Promise<Uint8Array> => Buffer.concat((await stdin.toArray()) as Buffer[]);
  return [await readWords(words, { cwd, stdin: readStdin })];
}

/** Undefined where the server has none. @throws InferenceError that says why the server cannot be reached. */
async function askMetadata({ connection, model, signal }: CreateMessagesOptions): Promise<ModelMetadata | undefined> {
  const { status, text } = await connection.send(`/v2/models/${encodeURIComponent(model)}`, signal);
  if (status !== 200) return undefined;
  try {
    return parseModelMetadata(JSON.parse(text));
  } catch {
    return undefined;
  }
}
