import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { invalidArgument } from "../../errors.ts";
import { formatJson } from "../../json/format-json.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import type { BatchRow } from "./batch-source.ts";

/** The rows of a file of JSON lines; empty lines are none. */
export async function* readLines(stream: Readable, name: string): AsyncGenerator<BatchRow, void, undefined> {
  let index = 0;
  let number = 0;
  for await (const line of linesOf(stream)) {
    number += 1;
    const text = number === 1 ? line.replace(/^\uFEFF/, "") : line;
    if (text.trim() === "") continue;
    const where = `${name}, line ${number}`;
    yield { index, read: async () => assertJson(text, where) };
    index += 1;
  }
}

/** Not node:readline, which does not tell of a stream that breaks off: rows would be lost. */
async function* linesOf(stream: Readable): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder("utf8");
  let open: string[] = [];
  for await (const chunk of stream) {
    const [first = "", ...rest] = decoder.write(chunk as Buffer).split("\n");
    open.push(first);
    for (const next of rest) {
      yield withoutReturn(open.join(""));
      open = [next];
    }
  }
  open.push(decoder.end());
  const last = open.join("");
  if (last !== "") yield withoutReturn(last);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** @throws InferenceError invalid_argument, which makes the row a failed one. */
function assertJson(text: string, where: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw invalidArgument(`${where}: not JSON`, error);
  }
}

/** Numbers are read as such where they are written as one would write them: `41` and `0.5`, but not `007`. */
export async function* readCsv(stream: Readable): AsyncGenerator<BatchRow, void, undefined> {
  const { parse } = await import("csv-parse");
  const parser = stream.pipe(parse({ bom: true, skip_empty_lines: true, relax_column_count: true, info: true }));
  stream.on("error", (error) => parser.destroy(error));
  let names: readonly string[] | undefined;
  let index = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (names === undefined) {
        names = assertColumns(record);
        continue;
      }
      const columns = names;
      yield { index, read: async () => toRow(columns, record, info.lines) };
      index += 1;
    }
  } catch (error) {
    throw invalidArgument(`CSV: ${(error as Error).message}`, error);
  }
}

interface CsvRecord {
  readonly record: readonly string[];
  /** `lines`: the record's last one, from 1. */
  readonly info: { readonly lines: number };
}

function assertColumns(names: readonly string[]): readonly string[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`the column '${twice}' is there twice`);
  return names;
}

/** @throws InferenceError invalid_argument, which makes the row a failed one. */
function toRow(names: readonly string[], record: readonly string[], line: number): string {
  if (record.length !== names.length) {
    throw invalidArgument(`CSV, line ${line}: expected ${names.length} values, got ${record.length}`);
  }
  return formatJson(Object.fromEntries(names.map((name, column) => [name, toValue(record[column] as string)])));
}

function toValue(text: string): JsonValue {
  if (text === "") return null;
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : text;
}
