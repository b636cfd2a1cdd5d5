import { type InferenceError, invalidArgument } from "../../errors.ts";
import { DATATYPES, type NumericData, type NumericDatatype } from "../datatype.ts";
import { isDoubtfulInteger, UNDECLARED_NUMBER } from "../elements/element-rules.ts";
import { LONG_DIGITS, readLong } from "../elements/long.ts";
import { parseWhole } from "./decimal.ts";
import { NumberSink } from "./number-sink.ts";

/** The low and the high half of the last integer that was read whole. */
const LONG = new Uint32Array(2);

/** A mantissa below it was added up without rounding. */
export const EXACT_MANTISSA: number = 2 ** 53;

export interface ScannerOptions {
  /** The tensor's name, for messages. */
  readonly name: string;
  readonly datatype: NumericDatatype;
  /** Elements that there must be, where that is known. */
  readonly count?: number | undefined;
  readonly maxElements: number;
  /** Refuse integers beyond 2^53 for floats: nobody said that they are to be rounded. @default false */
  readonly exactIntegers?: boolean | undefined;
  /** Read `null` as NaN for floats, which is how KServe's and MLServer's Python write it. @default false */
  readonly nullIsNaN?: boolean | undefined;
}

/**
 * Where the reading of numbers stands, and what it seldom needs: words, exponents, large integers, errors. The loops over
 * rows are `readFloatRows` and `readIntegerRows`.
 */
export class NumberScanner {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly sink: NumberSink;
  /** Smallest and largest integer, as near as doubles come. */
  readonly smallest: number;
  readonly largest: number;
  /** Numbers that wait in the sink's chunk. */
  filled = 0;
  /** Where the last token ended that a method read. */
  after = 0;
  /** Rows read before the last one, by one call of a loop. */
  rows = 0;
  /** Elements in the last row. */
  inRow = 0;
  /** Position behind which a loop leaves its row and begins no other. */
  until: number = Number.POSITIVE_INFINITY;
  /** True where the last row goes on. */
  isInRow = false;
  readonly #options: ScannerOptions;
  readonly #range: readonly [bigint, bigint];
  readonly #origin: number;

  /** @param origin what to add to an index for the byte offset that messages name. */
  constructor(bytes: Uint8Array, start: number, origin: number, options: ScannerOptions) {
    const { datatype, count, maxElements } = options;
    // An element and what parts it from the next take two bytes at least.
    const possible = Math.min(maxElements, Math.ceil((bytes.length - start) / 2));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.sink = new NumberSink(datatype, possible, count === undefined ? 0 : Math.min(count, possible));
    this.#options = options;
    this.#range = DATATYPES[datatype].range ?? [0n, 1n];
    this.#origin = origin;
    this.smallest = Number(this.#range[0]);
    this.largest = Number(this.#range[1]);
  }

  /** All elements. @throws InferenceError invalid_argument when they are not as many as there must be. */
  finish(at: number): NumericData {
    const { count } = this.#options;
    this.flush(this.filled, at);
    const { length } = this.sink;
    if (count !== undefined && length !== count) throw this.fail(at, `${count} elements`, `${length}`);
    return this.sink.finish();
  }

  /** The index of the first byte from `at` on that is no white space. */
  skipSpace(at: number): number {
    let next = at;
    let c = this.bytes[next] as number;
    while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = this.bytes[++next] as number;
    return next;
  }

  /** The first element of the row that follows the `]` at `close` and has any, else 0. */
  nextRow(close: number): number {
    const { bytes } = this;
    if (bytes[close + 1] !== 0x2c || close > this.until) return 0;
    const open = bytes[close + 2] === 0x5b ? close + 2 : this.skipSpace(close + 2);
    if (bytes[open] !== 0x5b) return 0;
    const next = (bytes[open + 1] as number) > 0x20 ? open + 1 : this.skipSpace(open + 1);
    if (bytes[next] === 0x5d) return 0;
    this.rows++;
    return next;
  }

  /** Leaves a row behind the number that ends at `at`, with so many read. */
  leave(at: number, inRow: number): number {
    this.filled = 0;
    this.inRow = inRow;
    this.isInRow = true;
    return at;
  }

  /** Numbers that the row has already, which goes on where it was left in its middle. */
  takeRow(): number {
    if (!this.isInRow) return 0;
    this.isInRow = false;
    return this.inRow;
  }

  /** The next number of a row that was left at `at`, or the `]` behind it. */
  afterNumber(at: number): number {
    const next = this.skipSpace(at);
    if (this.bytes[next] === 0x5d) return next;
    if (this.bytes[next] !== 0x2c) throw this.fail(next, "',' or ']' after a number");
    return this.skipSpace(next + 1);
  }

  /** Hands the chunk's numbers to the sink; `more` are to follow by themselves. */
  flush(filled: number, at: number, more = 0): void {
    const { count, maxElements } = this.#options;
    const total = this.sink.length + filled + more;
    if (total > maxElements) throw this.fail(at, `at most ${maxElements} elements`, "more");
    if (count !== undefined && total > count) throw this.fail(at, `${count} elements`, "more");
    this.sink.flush(filled);
    this.filled = 0;
  }

  /** NaN and the infinities, which Triton and Python write as bare words; `begin` is that of a sign. */
  readFloatWord(at: number, begin: number): number {
    const word = this.textOf(at, at + 8);
    if (word === "Infinity") {
      this.after = at + 8;
      return Number.POSITIVE_INFINITY;
    }
    const isNull = this.#options.nullIsNaN === true && word.startsWith("null");
    if (at !== begin || !(isNull || word.startsWith("NaN"))) throw this.fail(begin, this.#expectation());
    this.after = isNull ? at + 4 : at + 3;
    return Number.NaN;
  }

  /** Refuses a number from 2^53 on that may be a rounded integer, where that is asked for. */
  assertExact(value: number, begin: number, end: number): void {
    if (this.#options.exactIntegers !== true) return;
    const text = this.textOf(begin, end);
    if (!isDoubtfulInteger(value) && /[.eE]/.test(text)) return;
    throw this.fail(begin, UNDECLARED_NUMBER.expected, text.slice(0, 40));
  }

  readBoolean(at: number, begin: number): number {
    const word = this.#options.datatype === "BOOL" && at === begin ? this.textOf(at, at + 5) : "";
    const isTrue = word.startsWith("true");
    if (!isTrue && word !== "false") throw this.fail(begin, this.#expectation());
    this.after = isTrue ? at + 4 : at + 5;
    return isTrue ? 1 : 0;
  }

  /** A number with a fraction, an exponent or many digits as an integer; NaN when it went to the sink as a bigint. */
  readWhole(begin: number, at: number, filled: number): number {
    if (this.#readLong(begin, at, filled)) return Number.NaN;
    let end = at;
    if (this.bytes[end] === 0x2e) end = this.#skipDigits(end + 1);
    this.after = end;
    if (this.bytes[end] === 0x65 || this.bytes[end] === 0x45) this.readExponent(end);
    const value = parseWhole(this.textOf(begin, this.after));
    const [smallest, largest] = this.#range;
    if (value === undefined || value < smallest || value > largest) throw this.outOfRange(begin, this.after);
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    this.flush(filled, begin, 1);
    this.sink.addBigInt(value);
    return Number.NaN;
  }

  /** True when a 64-bit integer beyond what doubles hold was read, which is digits alone, and went to the sink. */
  #readLong(begin: number, end: number, filled: number): boolean {
    const { bytes } = this;
    const isNegative = bytes[begin] === 0x2d;
    const start = isNegative ? begin + 1 : begin;
    const next = bytes[end];
    if (!this.sink.holdsLongs || end - start > LONG_DIGITS || next === 0x2e || next === 0x65 || next === 0x45)
      return false;
    const halves = LONG;
    readLong(bytes, start, end, halves);
    const [low, high] = halves as unknown as [number, number];
    if (high < 2 ** 21) return false;
    const [smallest, largest] = this.#range;
    if (
      isNegative
        ? smallest === 0n || high > 2 ** 31 || (high === 2 ** 31 && low > 0)
        : largest < 2n ** 64n - 1n && high >= 2 ** 31
    ) {
      throw this.outOfRange(begin, end);
    }
    this.flush(filled, begin, 1);
    this.sink.addLong(low, high, isNegative);
    this.after = end;
    return true;
  }

  /** The exponent whose letter stands at `at`. */
  readExponent(at: number): number {
    const { bytes } = this;
    const sign = bytes[at + 1];
    const start = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1;
    this.after = this.#skipDigits(start);
    let exponent = 0;
    for (let i = start; i < this.after; i++) exponent = exponent * 10 + (bytes[i] as number) - 0x30;
    return sign === 0x2d ? -exponent : exponent;
  }

  /** The error for what stands at `at`; `got` is told from the text when not given. */
  fail(at: number, expected: string, got: string = this.#describe(at)): InferenceError {
    const { name } = this.#options;
    return invalidArgument(`tensor '${name}': expected ${expected}, got ${got} at byte ${at + this.#origin}`);
  }

  outOfRange(begin: number, end: number): InferenceError {
    return this.fail(begin, this.#expectation(), this.textOf(begin, Math.min(end, begin + 40)));
  }

  /** ASCII bytes as a string, as far as there are any. */
  textOf(begin: number, end: number): string {
    const { buffer, byteOffset, length } = this.bytes;
    return Buffer.from(buffer, byteOffset + begin, Math.min(end, length) - begin).toString("latin1");
  }

  #skipDigits(start: number): number {
    let at = start;
    for (let c = this.bytes[at] as number; c >= 0x30 && c <= 0x39; ) c = this.bytes[++at] as number;
    if (at === start) throw this.fail(at, "a digit");
    return at;
  }

  #expectation(): string {
    const { datatype } = this.#options;
    if (datatype === "BOOL") return "true or false";
    const { range } = DATATYPES[datatype];
    return range === undefined ? `a number that ${datatype} holds` : `a whole number from ${range[0]} to ${range[1]}`;
  }

  #describe(at: number): string {
    if (at >= this.bytes.length) return "the end of the text";
    const text = this.textOf(at, at + 20);
    if (text[0] === '"') return "a string";
    if (text[0] === "[") return "an array";
    if (text[0] === "{") return "an object";
    return /^[\w.+-]+/.exec(text)?.[0] ?? JSON.stringify(text[0]);
  }
}
