import { closeSync, existsSync, ftruncateSync, openSync, readSync, renameSync, statSync, writeSync } from "node:fs";
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

/**
 * Takes the lines away of rows that failed because something was busy or away, so that `--resume` asks them again. The file is
 * exchanged for a new one, so a stop at any moment leaves one of the two.
 * @throws InferenceError invalid_argument for a line that a batch has not written.
 */
export function forgetAway(path: string, isAway: (status: unknown) => boolean): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return;
  const [from, to] = [openSync(path, "r"), openSync(`${path}.part`, "w")];
  try {
    for (const { text } of readLines(from)) {
      if (!isAway(parseRow(text, path).status)) writeSync(to, `${text}\n`);
    }
  } finally {
    closeSync(from);
    closeSync(to);
  }
  renameSync(`${path}.part`, path);
}

/** @returns the end of the last whole line. */
function readRows(path: string, descriptor: number, rows: (index: number) => void): number {
  let last = 0;
  for (const { text, end } of readLines(descriptor)) {
    rows(parseRow(text, path).row);
    last = end;
  }
  return last;
}

/** The whole lines of a file, each with the place after its end. */
function* readLines(descriptor: number): Generator<{ readonly text: string; readonly end: number }, void, undefined> {
  const chunk = Buffer.alloc(CHUNK);
  let rest: Buffer = Buffer.alloc(0);
  let position = 0;
  let end = 0;
  for (;;) {
    const length = readSync(descriptor, chunk, 0, CHUNK, position);
    if (length === 0) return;
    position += length;
    let bytes: Buffer = Buffer.concat([rest, chunk.subarray(0, length)]);
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE)) {
      end += at + 1;
      yield { text: bytes.subarray(0, at).toString("utf8"), end };
      bytes = bytes.subarray(at + 1);
    }
    rest = bytes;
  }
}

function parseRow(line: string, path: string): { readonly row: number; readonly status: unknown } {
  let read: { readonly row?: unknown; readonly status?: unknown } = {};
  try {
    read = JSON.parse(line) as typeof read;
  } catch {}
  if (Number.isSafeInteger(read?.row)) return { row: read.row as number, status: read.status };
  const start = line.length > 60 ? `${line.slice(0, 60)}…` : line;
  throw invalidArgument(`${path}: expected lines that a batch has written, {"row": …}, got ${start}`);
}
