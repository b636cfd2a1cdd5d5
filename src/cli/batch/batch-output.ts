import { closeSync, existsSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { invalidArgument } from "../../errors.ts";

const NEWLINE = 0x0a;
const CHUNK = 1 << 20;

/**
 * A file of JSON lines that is only ever appended to. A line that a stop cut off is taken away when the file is opened again, so
 * each row stands in it whole or not at all.
 */
export class BatchOutput {
  readonly #descriptor: number;
  #offset: number;

  /**
   * @param rows gets the `row` of each line that is there already.
   * @throws InferenceError invalid_argument for a file that is there although nothing is resumed.
   */
  constructor(path: string, { resume, rows }: { readonly resume: boolean; readonly rows: (index: number) => void }) {
    if (!resume && existsSync(path)) {
      throw invalidArgument(`${path} is there already: give --resume to go on, or another file`);
    }
    this.#descriptor = openSync(path, resume && existsSync(path) ? "r+" : "w+");
    this.#offset = resume ? readRows(this.#descriptor, rows) : 0;
    ftruncateSync(this.#descriptor, this.#offset);
  }

  /** Written at once: what the system has of it outlives this process, however that ends. */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    writeSync(this.#descriptor, bytes, 0, bytes.length, this.#offset);
    this.#offset += bytes.length;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** @returns the end of the last whole line. */
function readRows(descriptor: number, rows: (index: number) => void): number {
  const chunk = Buffer.alloc(CHUNK);
  let rest: Buffer = Buffer.alloc(0);
  let position = 0;
  for (;;) {
    const length = readSync(descriptor, chunk, 0, CHUNK, position);
    if (length === 0) return position - rest.length;
    position += length;
    let bytes: Buffer = Buffer.concat([rest, chunk.subarray(0, length)]);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      const { row } = JSON.parse(bytes.subarray(0, end).toString("utf8")) as { readonly row: number };
      rows(row);
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
}
