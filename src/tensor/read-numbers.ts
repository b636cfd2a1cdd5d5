import { inPieces, type Steps } from "../turns.ts";
import { DATATYPES, type NumericData, type NumericDatatype } from "./datatype.ts";
import { FLOAT_LIMITS } from "./elements/element-rules.ts";
import { NumberScanner, type ScannerOptions } from "./number-text/number-scanner.ts";
import { readFloatRows } from "./number-text/read-float-rows.ts";
import { readIntegerRows } from "./number-text/read-integer-rows.ts";

export interface ReadNumbersOptions extends ScannerOptions {
  /** Arrays inside each other. */
  readonly maxDepth: number;
}

export interface NumbersRead {
  readonly data: NumericData;
  /** Sizes of the nested arrays, outermost first. */
  readonly shape: readonly number[];
  /** Index of the byte behind them. */
  readonly end: number;
}

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/**
 * Reads the JSON array of numbers or booleans that begins with `[` at `bytes[start]`, flat or nested rectangularly,
 * straight into a typed array. Doubles are the nearest ones (RFC 8259 §6), integers exact to 64 bits; `3.0` and `1e3` are
 * integers, `NaN`, `Infinity` and `-Infinity` floats, 0 and 1 booleans. Finite numbers never become infinite.
 * @throws InferenceError invalid_argument that names the tensor, what was expected, what came and the byte's offset.
 */
export function readNumberArray(bytes: Uint8Array, start: number, options: ReadNumbersOptions): NumbersRead {
  return new NestedNumbers(bytes, start, options).advance(Number.POSITIVE_INFINITY) as NumbersRead;
}

/** As `readNumberArray`, in steps. @param piece bytes of each */
export function readNumberArrayInSteps(
  bytes: Uint8Array,
  start: number,
  options: ReadNumbersOptions,
  piece?: number,
): Steps<NumbersRead> {
  const numbers = new NestedNumbers(bytes, start, options);
  return inPieces(start, (until) => numbers.advance(until), piece);
}

/** Reads the JSON number or boolean at `bytes[start]` as `readNumberArray` reads elements; its shape is []. */
export function readNumber(
  bytes: Uint8Array,
  start: number,
  options: Omit<ScannerOptions, "count" | "maxElements">,
): NumbersRead {
  let end = start + 1;
  while (end < bytes.length && isWordByte(bytes[end] as number)) end++;
  const row = new Uint8Array(end - start + 1);
  row.set(bytes.subarray(start, end));
  row[row.length - 1] = CLOSE;
  const scanner = new NumberScanner(row, 0, start, { ...options, count: 1, maxElements: 1 });
  const closed = rowReader(options.datatype)(scanner, 0, 0);
  if (closed !== row.length - 1) throw scanner.fail(0, "a number");
  return { data: scanner.finish(closed), shape: [], end };
}

/** Reads rows as `readFloatRows` does. */
type RowReader = (scanner: NumberScanner, start: number, rowSize: number) => number;

function rowReader(datatype: NumericDatatype): RowReader {
  const { kind } = DATATYPES[datatype];
  if (kind !== "float" && kind !== "float16") return readIntegerRows;
  const limit = FLOAT_LIMITS[datatype as keyof typeof FLOAT_LIMITS];
  return (scanner, start, rowSize) => readFloatRows(scanner, start, rowSize, limit);
}

/** An array of numbers that is read as far as it is told to. */
class NestedNumbers {
  readonly #scanner: NumberScanner;
  readonly #readRows: RowReader;
  readonly #start: number;
  readonly #maxDepth: number;
  /** Sizes as far as an array of that depth was closed before; later ones must be equal. */
  readonly #shape: (number | undefined)[] = [];
  /** Values so far in each open array. */
  readonly #counts: number[] = [];
  #rank: number | undefined;
  #at: number;

  constructor(bytes: Uint8Array, start: number, options: ReadNumbersOptions) {
    this.#scanner = new NumberScanner(bytes, start, 0, options);
    this.#readRows = rowReader(options.datatype);
    this.#start = start;
    this.#maxDepth = options.maxDepth;
    this.#at = start;
  }

  /** Goes on to about `until`; the result once the array is closed. */
  advance(until: number): NumbersRead | undefined {
    const scanner = this.#scanner;
    const { bytes } = scanner;
    const shape = this.#shape;
    const counts = this.#counts;
    scanner.until = until;
    let at = this.#at;
    for (;;) {
      if (at > until) {
        this.#at = at;
        return undefined;
      }
      // A row that was left in its middle goes on.
      if (scanner.isInRow) {
        at = scanner.afterNumber(at);
        if (bytes[at] === CLOSE) scanner.takeRow();
      } else {
        at = this.#open(at);
        if (bytes[at] === OPEN) continue;
      }
      if (bytes[at] !== CLOSE) {
        const rank = this.#rank as number;
        scanner.rows = 0;
        at = this.#readRows(scanner, at, shape[rank - 1] ?? 0);
        counts[rank - 1] = scanner.inRow;
        if (rank > 1) counts[rank - 2] = (counts[rank - 2] as number) + scanner.rows;
        if (scanner.isInRow) continue;
      }

      while (bytes[at] === CLOSE) {
        const depth = counts.length - 1;
        const count = counts.pop() as number;
        const size = shape[depth];
        if (size !== undefined && size !== count) {
          throw scanner.fail(at, `${size} values in each array, as in the first`, `${count}`);
        }
        shape[depth] = count;
        at++;
        if (depth === 0) return { data: scanner.finish(at), shape: shape as number[], end: at };
        counts[depth - 1] = (counts[depth - 1] as number) + 1;
        at = scanner.skipSpace(at);
      }
      if (bytes[at] !== COMMA) throw scanner.fail(at, "',' or ']' after an array");
      at = scanner.skipSpace(at + 1);
    }
  }

  /** Position of what is first in the array that opens at `at`. */
  #open(at: number): number {
    const scanner = this.#scanner;
    const { bytes } = scanner;
    const counts = this.#counts;
    const rank = this.#rank;
    if (bytes[at] !== OPEN) throw scanner.fail(at, at === this.#start ? "'['" : "an array as before");
    if (counts.length === (rank ?? this.#maxDepth)) {
      throw scanner.fail(at, rank === undefined ? `at most ${this.#maxDepth} nested arrays` : "a number as before");
    }
    counts.push(0);
    const next = scanner.skipSpace(at + 1);
    if (bytes[next] === OPEN) return next;
    if (rank !== undefined && counts.length !== rank) throw scanner.fail(next, "an array as before");
    this.#rank = counts.length;
    return next;
  }
}

function isWordByte(c: number): boolean {
  return (
    (c >= 0x30 && c <= 0x39) ||
    (c >= 0x41 && c <= 0x5a) ||
    (c >= 0x61 && c <= 0x7a) ||
    c === 0x2b ||
    c === 0x2d ||
    c === 0x2e
  );
}
