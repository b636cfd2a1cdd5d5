import { DATATYPES, type NumericData, type NumericDatatype } from "../datatype.ts";
import { toBfloat16Array, toFloat16Array } from "../elements/float16.ts";

/** Numbers between two flushes; small enough for the processor's cache. */
const CHUNK = 2048;

/**
 * Collects the elements of a numeric tensor whose number is not known before its text is read. Readers fill `chunk` with
 * doubles that the datatype holds (64-bit integers up to 2^53) and flush it when it is full.
 */
export class NumberSink {
  readonly chunk: Float64Array;
  readonly datatype: NumericDatatype;
  /** Elements flushed so far. */
  length = 0;
  /** As many elements as can come at all. */
  readonly #capacity: number;
  readonly #expected: number;
  #data: NumericData | undefined;
  /** The same memory by halves, where the datatype has 64-bit integers. */
  #halves: Int32Array = new Int32Array(0);

  /** @param expected elements to take memory for at once; without it memory grows with those that come. */
  constructor(datatype: NumericDatatype, capacity: number, expected = 0) {
    this.datatype = datatype;
    this.#capacity = capacity;
    this.#expected = expected;
    this.chunk = new Float64Array(Math.min(capacity, CHUNK));
  }

  /** True for 64-bit integers. */
  get holdsLongs(): boolean {
    return DATATYPES[this.datatype].kind === "bigint";
  }

  /** Moves the first `filled` numbers of `chunk` to the elements. */
  flush(filled: number): void {
    if (filled === 0) return;
    const data = this.#reserve(filled);
    const numbers = filled === this.chunk.length ? this.chunk : this.chunk.subarray(0, filled);
    if (this.datatype === "FP16") data.set(toFloat16Array(numbers) as never, this.length);
    else if (this.datatype === "BF16") data.set(toBfloat16Array(numbers) as never, this.length);
    else if (DATATYPES[this.datatype].kind === "bigint") setIntegers(this.#halves, this.length, numbers);
    else (data as Float64Array).set(numbers, this.length);
    this.length += filled;
  }

  /** Adds one 64-bit integer; `chunk` must have been flushed. */
  addBigInt(value: bigint): void {
    (this.#reserve(1) as BigInt64Array)[this.length++] = value;
  }

  /** Adds one 64-bit integer by the halves of its absolute value; `chunk` must have been flushed. */
  addLong(low: number, high: number, isNegative: boolean): void {
    this.#reserve(1);
    const at = 2 * this.length++;
    this.#halves[at] = isNegative ? -low : low;
    this.#halves[at + 1] = isNegative ? ~high + (low === 0 ? 1 : 0) : high;
  }

  /** All elements; the sink is done with. */
  finish(): NumericData {
    const data = this.#reserve(0);
    return data.length === this.length ? data : data.slice(0, this.length);
  }

  #reserve(more: number): NumericData {
    const needed = this.length + more;
    const data = this.#data;
    if (data !== undefined && data.length >= needed) return data;
    const size = Math.min(this.#capacity, Math.max(needed, this.#expected, 2 * (data?.length ?? 0)));
    const larger = DATATYPES[this.datatype].create(size) as NumericData;
    if (data !== undefined) larger.set(data.subarray(0, this.length) as never);
    this.#data = larger;
    if (this.holdsLongs) this.#halves = new Int32Array(larger.buffer, larger.byteOffset, larger.length * 2);
    return larger;
  }
}

/** Whole doubles up to 2^53 as 64-bit integers, by halves: making a BigInt of each would cost an allocation. */
function setIntegers(halves: Int32Array, start: number, numbers: Float64Array): void {
  let at = 2 * start;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number;
    halves[at++] = number | 0;
    halves[at++] = Math.floor(number / 2 ** 32);
  }
}
