import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { invalidArgument } from "../errors.ts";

/**
 * The body that words on a command line mean. One word of JSON that is a whole request is sent byte by byte; otherwise every
 * word is a row: a URL `{"url"}`, JSON itself, a file of bytes `{"b64"}`.
 * @throws InferenceError invalid_argument for a file that cannot be read.
 */
export async function readInferenceInput(
  words: readonly string[],
  protocol: "v1" | "v2",
  cwd: string,
): Promise<string> {
  const parts = await Promise.all(words.map((word) => readWord(word, cwd)));
  const rows = parts.map((part) => JSON.parse(part));
  if (parts[0] !== undefined && parts.length === 1 && isWholeRequest(rows[0])) return parts[0];
  return protocol === "v1" ? `{"instances":[${parts.join(",")}]}` : JSON.stringify({ inputs: toColumns(rows) });
}

/** A word as the text of one JSON value. */
async function readWord(word: string, cwd: string): Promise<string> {
  if (/^(https?|data):/i.test(word)) return JSON.stringify({ url: word });
  if (isJson(word)) return word;
  const bytes = await readFile(resolve(cwd, word)).catch((error: NodeJS.ErrnoException) => {
    throw invalidArgument(`${word} is neither a URL, nor JSON, nor a file that can be read (${error.code})`);
  });
  if (extname(word) !== ".json") return JSON.stringify({ b64: bytes.toString("base64") });
  // Windows' editors begin files with a byte order mark.
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  if (!isJson(text)) throw invalidArgument(`${word} is not JSON`);
  return text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isWholeRequest(value: unknown): boolean {
  return typeof value === "object" && value !== null && ("instances" in value || "inputs" in value);
}

/** Rows of texts under the same keys as one BYTES column per key; V2 has no other form for them. */
function toColumns(rows: readonly unknown[]): unknown[] {
  const keys = Object.keys((rows[0] ?? {}) as object);
  return keys.map((name) => {
    const data = rows.map((row) => (row as Readonly<Record<string, unknown>> | null)?.[name]);
    if (!data.every((value) => typeof value === "string")) {
      throw invalidArgument(
        "with --protocol v2 rows must be URLs or objects of texts; give a whole request in a file for anything else",
      );
    }
    return { name, datatype: "BYTES", shape: [rows.length], data };
  });
}
