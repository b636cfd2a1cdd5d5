import type { Buffer } from "node:buffer";
import { type InferenceError, invalidArgument } from "../../errors.ts";
import { CLOSE_ARRAY, COMMA, findEndOfString, OPEN_ARRAY, QUOTE, skipSpace } from "../../json/json-bytes.ts";
import { formatByte, jsonError } from "../../json/json-error.ts";
import type { Extent } from "../../json/json-reader.ts";
import { LongString, unescapeString } from "../../json/string-bytes.ts";
import { inPieces, PIECE, type Steps } from "../../turns.ts";

export interface ByteStringsRead {
  readonly data: Uint8Array[];
  /** Sizes of the nested arrays, outermost first. */
  readonly shape: readonly number[];
  /** Where the text after them begins. */
  readonly end: number;
}

interface ByteStringsOptions {
  readonly name: string;
  readonly maxElements: number;
}

/**
 * Reads a JSON array of strings, flat or nested rectangularly, as BYTES elements without making strings of them. Bytes
 * that are not UTF-8 stay as they are: Triton writes them so.
 * @throws InferenceError invalid_argument for elements that are no strings, ragged nesting, more than `maxElements`.
 */
export function readByteStrings(bytes: Buffer, extent: Extent, options: ByteStringsOptions): ByteStringsRead {
  return new NestedByteStrings(bytes, extent, options).advance(Number.POSITIVE_INFINITY) as ByteStringsRead;
}

/** As `readByteStrings`, in steps. */
export function readByteStringsInSteps(
  bytes: Buffer,
  extent: Extent,
  options: ByteStringsOptions,
): Steps<ByteStringsRead> {
  const strings = new NestedByteStrings(bytes, extent, options);
  return inPieces(extent.start, (until) => strings.advance(until));
}

/** An array of strings that is read as far as it is told to. */
class NestedByteStrings {
  readonly #bytes: Buffer;
  readonly #extent: Extent;
  readonly #options: ByteStringsOptions;
  readonly #data: Uint8Array[] = [];
  readonly #shape: number[] = [];
  /** Where each open array begins, and its items so far. */
  readonly #starts: number[] = [];
  readonly #counts: number[] = [];
  #rank: number | undefined;
  /** A string of more than a piece that is being read. */
  #long: LongString | undefined;
  #at: number;

  constructor(bytes: Buffer, extent: Extent, options: ByteStringsOptions) {
    this.#bytes = bytes;
    this.#extent = extent;
    this.#options = options;
    this.#at = extent.start;
  }

  /** Goes on to about `until`; the result once the array is closed. */
  advance(until: number): ByteStringsRead | undefined {
    const bytes = this.#bytes;
    const { start, end } = this.#extent;
    const counts = this.#counts;
    let at = this.#at;
    for (;;) {
      if (at > until) {
        this.#at = at;
        return undefined;
      }
      if (this.#long === undefined) at = this.#item(at);
      if (this.#long !== undefined) {
        const text = this.#long.advance(until);
        if (text === undefined) {
          this.#at = at;
          return undefined;
        }
        this.#data.push(text);
        at = this.#long.end;
        this.#long = undefined;
      }
      if (bytes[at - 1] === OPEN_ARRAY && this.#starts.at(-1) === at - 1) {
        at = skipSpace(bytes, at, end);
        if (bytes[at] !== CLOSE_ARRAY) continue;
        at = this.#close(at);
      }
      at = skipSpace(bytes, at, end);
      while (counts.length > 0) {
        counts[counts.length - 1] = (counts[counts.length - 1] as number) + 1;
        if (bytes[at] !== CLOSE_ARRAY) break;
        at = this.#close(at);
        if (counts.length > 0) at = skipSpace(bytes, at, end);
      }
      if (counts.length === 0) break;
      if (bytes[at] !== COMMA) throw jsonError(`expected ',' or ']', got ${formatByte(bytes[at])}`, at);
      at = skipSpace(bytes, at + 1, end);
    }
    const data = this.#data;
    const shape = this.#shape;
    if (shape.reduce((product, size) => product * size, 1) !== data.length) throw ragged(this.#options.name, start);
    return { data, shape, end: at };
  }

  /** Opens an array or reads a string, or begins a long one; the position behind the bracket or the string. */
  #item(position: number): number {
    const bytes = this.#bytes;
    const { name, maxElements } = this.#options;
    const level = this.#counts.length;
    const byte = bytes[position];
    if (byte === OPEN_ARRAY) {
      if (this.#rank !== undefined && level >= this.#rank) throw ragged(name, position);
      this.#starts.push(position);
      this.#counts.push(0);
      return position + 1;
    }
    if (byte !== QUOTE) {
      const got = `${formatByte(byte)} at byte ${position}`;
      throw invalidArgument(`tensor '${name}': expected a string as element ${this.#data.length} of data, got ${got}`);
    }
    this.#rank ??= level;
    if (this.#rank !== level) throw ragged(name, position);
    if (this.#data.length === maxElements) {
      throw invalidArgument(`tensor '${name}': more elements than the limit of ${maxElements} (max_elements)`);
    }
    const { end } = this.#extent;
    const after = findEndOfString(bytes, position, Math.min(end, position + PIECE));
    if (after === -1) {
      this.#long = new LongString(bytes, position, end);
      return position;
    }
    this.#data.push(unescapeString(bytes, position, after));
    return after;
  }

  #close(at: number): number {
    const count = this.#counts.pop() as number;
    const start = this.#starts.pop() as number;
    const level = this.#counts.length;
    this.#shape[level] ??= count;
    if (this.#shape[level] !== count) throw ragged(this.#options.name, start);
    return at + 1;
  }
}

function ragged(name: string, position: number): InferenceError {
  return invalidArgument(`tensor '${name}': data is not nested evenly at byte ${position}`);
}
