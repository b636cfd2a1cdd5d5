import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { invalidArgument } from "../../errors.ts";

/** What the words on a command line are: rows, each as the text of one JSON value, or one text that is a whole request. */
export type InferInput = { readonly rows: readonly string[] } | { readonly whole: string };

export interface ReadWordsOptions {
  readonly cwd: string;
  /** What `-` reads. */
  readonly stdin: () => Promise<Uint8Array>;
}

const FIELD = /^([\p{L}_][\p{L}\p{N}_.-]*)=([\s\S]*)$/u;
const PROSE: ReadonlySet<string> = new Set([".txt", ".md", ".csv"]);

/**
 * A URL is a row `{"url"}`, JSON is a row as it is, `@file`, a file's name or `-` (standard input) a row with its bytes
 * `{"b64"}` or its text. Words `name=value` make one row together; a value is JSON where it is some, else text, and `@file` is
 * that file. One text of JSON with `instances`, `inputs` or `messages` is a whole request, sent digit by digit.
 * @throws InferenceError invalid_argument for a file that cannot be read.
 */
export async function readWords(words: readonly string[], options: ReadWordsOptions): Promise<InferInput> {
  const fields = words.filter(isField);
  const parts = await Promise.all(words.filter((word) => !isField(word)).map((word) => readWord(word, options)));
  if (parts.length === 1 && fields.length === 0 && isWholeRequest(parts[0])) return { whole: parts[0] as string };
  if (fields.length === 0) return { rows: parts };
  const members = await Promise.all(fields.map((word) => readField(word, options)));
  return { rows: [...parts, `{${members.join(",")}}`] };
}

function isField(word: string): boolean {
  return FIELD.test(word) && !/^(https?|data):/i.test(word);
}

async function readField(word: string, options: ReadWordsOptions): Promise<string> {
  const [, name = "", value = ""] = FIELD.exec(word) ?? [];
  const text = value.startsWith("@")
    ? await readPath(value.slice(1), options, (text) => text)
    : isJson(value)
      ? value
      : JSON.stringify(value);
  return `${JSON.stringify(name)}:${text}`;
}

/** A word as the text of one JSON value. */
async function readWord(word: string, options: ReadWordsOptions): Promise<string> {
  if (word === "-") return toJsonText(await options.stdin(), "");
  if (isServer(word)) throw invalidArgument(`${word} is a server and no row: write --url ${word}`);
  if (/^(https?|data):/i.test(word)) return JSON.stringify({ url: word });
  if (isJson(word)) return word;
  return readPath(word.replace(/^@/, ""), options);
}

/** No picture lies at the root of a port; `bench` takes a server so, and `infer` would send it as a row to another one. */
function isServer(word: string): boolean {
  return /^https?:\/\/(localhost|[^/?#]+:\d+)\/?$/i.test(word);
}

/** What a text becomes: the row `{"text"}`, or itself in a field. */
type AsProse = (text: string) => unknown;

async function readPath(word: string, { cwd }: ReadWordsOptions, asProse?: AsProse): Promise<string> {
  const bytes = await readFile(resolve(cwd, word)).catch((error: NodeJS.ErrnoException) => {
    throw invalidArgument(describeWord(word, error));
  });
  return toJsonText(bytes, word, asProse);
}

/** Why a word is nothing that can be sent, by what it looks like. */
function describeWord(word: string, { code, message }: NodeJS.ErrnoException): string {
  if (/^\s*[[{]/.test(word)) {
    try {
      JSON.parse(word);
    } catch (error) {
      return `${JSON.stringify(word.slice(0, 80))} is not JSON: ${(error as Error).message}`;
    }
  }
  const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
  return `${JSON.stringify(word)} is neither a URL, nor JSON, nor a file: ${why}`;
}

/** JSON as it is, prose as `{"text"}`, everything else as bytes. Editors of some systems write a byte order mark. */
function toJsonText(bytes: Uint8Array, name: string, asProse: AsProse = (text) => ({ text })): string {
  const text = Buffer.from(bytes)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
  const extension = extname(name).toLowerCase();
  if (extension === ".json") {
    if (isJson(text)) return text;
    throw invalidArgument(`${name} is not JSON`);
  }
  if (name === "" && isJson(text)) return text;
  const isProse = PROSE.has(extension) || (name === "" && Buffer.from(text, "utf8").equals(Buffer.from(bytes)));
  return JSON.stringify(isProse ? asProse(text) : { b64: Buffer.from(bytes).toString("base64") });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** True for the text of a JSON object that a protocol knows as a request. */
export function isWholeRequest(text: string | undefined): boolean {
  if (text === undefined || !isJson(text)) return false;
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) return false;
  return ["instances", "inputs", "messages", "prompt", "text_input"].some((member) => member in value);
}
