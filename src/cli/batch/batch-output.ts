import { closeSync, existsSync, ftruncateSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { InferenceError, invalidArgument } from "../../errors.ts";

const NEWLINE = 0x0a;
const CHUNK = 1 << 20;

/**
 * A file of JSON lines that is only ever appended to. A line that a stop cut off is taken away when the file is opened again, so
 * each row stands in it whole or not at all.
 */
export class BatchOutput {
  readonly #path: string;
  readonly #descriptor: number;
  #offset: number;

  /**
   * @param rows gets the `row` of each line that is there already.
   * @throws InferenceError invalid_argument for a file that is there although nothing is resumed, for what is no file, and for a
   *   line that a batch has not written.
   */
  constructor(path: string, { resume, rows }: { readonly resume: boolean; readonly rows: (index: number) => void }) {
    const isThere = existsSync(path);
    if (isThere && !statSync(path).isFile()) throw invalidArgument(`${path}: expected a file, which --resume can read`);
    if (!resume && isThere) throw invalidArgument(`${path} is there already: give --resume to go on, or another file`);
    this.#path = path;
    this.#descriptor = openSync(path, isThere ? "r+" : "w+");
    this.#offset = resume ? readRows(path, this.#descriptor, rows) : 0;
    ftruncateSync(this.#descriptor, this.#offset);
  }

  /**
   * Written at once: what the system has of it outlives this process, however that ends.
   * @throws InferenceError internal for a disk that is full and other faults; the part that was written is taken away on resume.
   */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(this.#descriptor, bytes, written, bytes.length - written, this.#offset + written);
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const message = `${this.#path} cannot be written (${code}): make room, and go on with --resume`;
      throw new InferenceError(message, { code: "internal", cause: error });
    }
    this.#offset += bytes.length;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** @returns the end of the last whole line. */
function readRows(path: string, descriptor: number, rows: (index: number) => void): number {
  const chunk = Buffer.alloc(CHUNK);
  let rest: Buffer = Buffer.alloc(0);
  let position = 0;
  for (;;) {
    const length = readSync(descriptor, chunk, 0, CHUNK, position);
    if (length === 0) return position - rest.length;
    position += length;
    let bytes: Buffer = Buffer.concat([rest, chunk.subarray(0, length)]);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      rows(readRow(bytes.subarray(0, end).toString("utf8"), path));
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
}

function readRow(line: string, path: string): number {
  let row: unknown;
  try {
    ({ row } = JSON.parse(line) as { readonly row?: unknown });
  } catch {
    row = undefined;
  }
  if (Number.isSafeInteger(row)) return row as number;
  const start = line.length > 60 ? `${line.slice(0, 60)}…` : line;
  throw invalidArgument(`${path}: expected lines that a batch has written, {"row": …}, got ${start}`);
}
