import { extname } from "node:path";
import { InferenceError, invalidArgument } from "../../../errors.ts";
import { type OpenSourceOptions, openSource } from "../../batch/open-source.ts";
import { type InferInput, isWholeRequest, readWords } from "../../infer/read-words.ts";

export interface ReadDataOptions extends OpenSourceOptions {
  /** Rows that go into one request. */
  readonly batchRows: number;
}

/** All requests lie in memory as bytes, so that reading them costs the load nothing. */
const MAX_CHARACTERS = 256 * 1024 * 1024;

/**
 * What a file holds, request by request: a `.json` file is one request as `infer` reads it; of everything that `batch` reads
 * (`.jsonl`, `.csv`, `.parquet`, `.txt`, pictures) so many rows make one. A line that is a whole request stays one.
 * @throws InferenceError invalid_argument for a file that cannot be read.
 */
export async function readData(file: string, options: ReadDataOptions): Promise<InferInput[]> {
  const { cwd, batchRows } = options;
  if (extname(file).toLowerCase() === ".json") return [await readWords([file], { cwd, stdin: readNothing })];
  const source = await openSource(file, { ...options, flag: "--data" });
  const inputs: InferInput[] = [];
  let rows: string[] = [];
  let characters = 0;
  for await (const row of source.rows) {
    const text = await row.read();
    characters += text.length;
    if (characters > MAX_CHARACTERS) {
      throw invalidArgument(`--data ${file}: expected at most ${MAX_CHARACTERS / 2 ** 20} MB, got more`);
    }
    if (isWholeRequest(text)) {
      if (batchRows > 1) throw invalidArgument(`--batch_rows takes rows, got a whole request in row ${row.index}`);
      inputs.push({ whole: text });
      continue;
    }
    rows.push(text);
    if (rows.length === batchRows) {
      inputs.push({ rows });
      rows = [];
    }
  }
  if (rows.length > 0) inputs.push({ rows });
  if (inputs.length === 0) throw invalidArgument(`--data ${file}: expected a row, got none`);
  return inputs;
}

/** A `.json` file never is standard input. */
function readNothing(): Promise<never> {
  return Promise.reject(new InferenceError("internal error"));
}
