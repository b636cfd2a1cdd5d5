import { Buffer } from "node:buffer";
import { createReadStream, readdirSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { invalidArgument } from "../../errors.ts";
import { formatJson } from "../../json/format-json.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import type { BatchRow, BatchSource } from "./batch-source.ts";

export interface OpenSourceOptions {
  readonly cwd: string;
  readonly stdin: Readable;
  /** How messages call the input. @default "--input" */
  readonly flag?: string;
}

const PICTURES: ReadonlySet<string> = new Set([
  ".jpg",
  ".jpeg",
  ".png",
  ".gif",
  ".webp",
  ".avif",
  ".tif",
  ".tiff",
  ".bmp",
]);

/**
 * The rows of an input: `-` or a .jsonl file (a JSON value a line), .csv (a record a line), .parquet (a record a row), .txt (a URL or
 * a picture's path a line), a folder of pictures in the order of their names, or one picture.
 * @throws InferenceError invalid_argument for what is none of them.
 */
export async function openSource(
  input: string,
  { cwd, stdin, flag = "--input" }: OpenSourceOptions,
): Promise<BatchSource> {
  if (input === "-") return { rows: readLines(stdin, "standard input"), progress: () => undefined };
  const path = resolve(cwd, input);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw invalidArgument(`${flag} ${input}: there is no such file or folder`);
  if (stats.isDirectory()) return openPictures(listPictures(path));
  switch (extname(path).toLowerCase()) {
    case ".jsonl":
    case ".ndjson":
      return openStream(path, stats.size, (stream) => readLines(stream, basename(path)));
    case ".csv":
      return openStream(path, stats.size, (stream) => readCsv(stream));
    case ".parquet":
      return (await import("./open-parquet.ts")).openParquet(path);
    case ".txt":
      return openPictures(listedPictures(path));
    default:
      if (PICTURES.has(extname(path).toLowerCase())) return openPictures([path]);
      throw invalidArgument(
        `${flag} ${input}: expected .jsonl, .csv, .parquet, .txt, a picture, a folder of them, or -`,
      );
  }
}

function openStream(path: string, size: number, read: (stream: Readable) => AsyncIterable<BatchRow>): BatchSource {
  const stream = createReadStream(path);
  return { rows: read(stream), progress: () => (size === 0 ? 1 : stream.bytesRead / size) };
}

async function* readLines(stream: Readable, name: string): AsyncGenerator<BatchRow, void, undefined> {
  let index = 0;
  let number = 0;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    const text = number === 1 ? line.replace(/^\uFEFF/, "") : line;
    if (text.trim() === "") continue;
    const where = `${name}, line ${number}`;
    yield { index, read: async () => assertJson(text, where) };
    index += 1;
  }
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
async function* readCsv(stream: Readable): AsyncGenerator<BatchRow, void, undefined> {
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

function listPictures(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => PICTURES.has(extname(file).toLowerCase()))
    .sort();
  if (files.length === 0) throw invalidArgument(`${folder}: there is no picture (${[...PICTURES].join(" ")})`);
  return files.map((file) => join(folder, file));
}

function listedPictures(path: string): readonly string[] {
  const lines = readFileSync(path, "utf8")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  return lines.map((line) => (/^(https?|data):/i.test(line) ? line : resolve(dirname(path), line)));
}

function openPictures(files: readonly string[]): BatchSource {
  let read = 0;
  async function* rows(): AsyncGenerator<BatchRow, void, undefined> {
    for (const [index, file] of files.entries()) {
      read = index + 1;
      yield { index, file, read: () => readPicture(file) };
    }
  }
  return { rows: rows(), progress: () => read / files.length };
}

async function readPicture(file: string): Promise<string> {
  if (/^(https?|data):/i.test(file)) return JSON.stringify({ url: file });
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw invalidArgument(`${file} cannot be read (${error.code})`, error);
  });
  return JSON.stringify({ b64: Buffer.from(bytes).toString("base64") });
}
