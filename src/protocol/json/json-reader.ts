import type { Buffer } from "node:buffer";
import { invalidArgument } from "../../errors.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { tooDeep } from "./inspect-json.ts";
import {
  assertUtf8,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfString,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  skipSpace,
  startOfText,
  toBuffer,
} from "./json-bytes.ts";
import { formatByte, jsonError } from "./json-error.ts";
import { type ParseJsonOptions, parseJson, type RawBytes } from "./parse-json.ts";

/** Where a value's text starts and ends (exclusive). */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * A cursor over JSON text that walks the envelope and builds nothing of what it skips. Each callback consumes exactly one
 * value by `skip`, `value`, `object` or `array`.
 *
 * Duplicate keys of objects that it walks are refused: parsers differ in which one counts, and a check that reads the
 * first protects nothing where the server reads the last.
 */
export class JsonReader {
  readonly bytes: Buffer;
  readonly maxDepth: number;
  readonly rawBytes: RawBytes;
  #position: number;
  #depth = 0;

  /** @throws InferenceError invalid_argument when the text is not UTF-8 and raw bytes are refused. */
  constructor(bytes: Uint8Array, options: { readonly maxDepth: number; readonly rawBytes?: RawBytes }) {
    this.bytes = toBuffer(bytes);
    this.maxDepth = options.maxDepth;
    this.rawBytes = options.rawBytes ?? "refused";
    if (this.rawBytes === "refused") assertUtf8(this.bytes);
    this.#position = startOfText(this.bytes);
  }

  /** First byte of the next value. */
  peek(): number | undefined {
    this.#space();
    return this.bytes[this.#position];
  }

  /**
   * Walks an object, one call of `member` for each key.
   * @throws InferenceError invalid_argument when the next value is none (`place` is its name) or a key comes twice.
   */
  object(place: string, member: (key: string) => void): void {
    this.#open(OPEN_OBJECT, place, "an object");
    const keys = new Set<string>();
    if (this.#closes(CLOSE_OBJECT)) return;
    for (;;) {
      const at = this.#position;
      if (this.peek() !== QUOTE) throw this.#unexpected("a key");
      const key = this.#key();
      if (keys.has(key)) throw jsonError(`the key ${JSON.stringify(key)} comes twice in ${place},`, at);
      keys.add(key);
      if (this.peek() !== COLON) throw this.#unexpected("':'");
      this.#position++;
      member(key);
      if (this.#closes(CLOSE_OBJECT)) return;
      if (this.peek() !== COMMA) throw this.#unexpected("',' or '}'");
      this.#position++;
    }
  }

  /** Walks an array, one call of `item` for each. @throws InferenceError invalid_argument when the next value is none. */
  array(place: string, item: (index: number) => void): void {
    this.#open(OPEN_ARRAY, place, "an array");
    if (this.#closes(CLOSE_ARRAY)) return;
    for (let index = 0; ; index++) {
      item(index);
      if (this.#closes(CLOSE_ARRAY)) return;
      if (this.peek() !== COMMA) throw this.#unexpected("',' or ']'");
      this.#position++;
    }
  }

  /** The next value, built. */
  value(options: Pick<ParseJsonOptions, "maxItems" | "itemName"> = {}): JsonValue {
    return this.parse(this.skip(), options);
  }

  /** The value of an extent that was skipped. */
  parse(extent: Extent, options: Pick<ParseJsonOptions, "maxItems" | "itemName"> = {}): JsonValue {
    return parseJson(this.bytes, { maxDepth: this.maxDepth, rawBytes: this.rawBytes, ...options, ...extent });
  }

  /** Passes over the next value: its brackets and strings are followed, nothing of it is built or checked further. */
  skip(): Extent {
    this.#space();
    const start = this.#position;
    this.#position = this.#endOfValue(start);
    return { start, end: this.#position };
  }

  /** Goes back to a value that was skipped. */
  seek({ start }: Extent): void {
    this.#position = start;
  }

  /** @throws InferenceError invalid_argument when anything but white space is left. */
  end(): void {
    if (this.peek() !== undefined) throw this.#unexpected("the end");
  }

  #endOfValue(start: number): number {
    const { bytes } = this;
    const { length } = bytes;
    const first = bytes[start];
    if (first === QUOTE) return endOfString(bytes, start, length);
    if (first !== OPEN_ARRAY && first !== OPEN_OBJECT) return endOfScalar(bytes, start);
    let depth = this.#depth;
    for (let i = start; i < length; ) {
      const byte = bytes[i] as number;
      if (byte === QUOTE) {
        i = endOfString(bytes, i, length);
        continue;
      }
      if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
        depth++;
        if (depth > this.maxDepth) throw tooDeep(this.maxDepth, i);
      } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
        depth--;
        if (depth === this.#depth) return i + 1;
      }
      i++;
    }
    throw jsonError(`expected ${first === OPEN_ARRAY ? "']'" : "'}'"}, got the end`, length);
  }

  #open(bracket: number, place: string, expected: string): void {
    const byte = this.peek();
    if (byte === undefined) throw jsonError(`expected ${expected}, got the end`, this.#position);
    if (byte !== bracket) throw invalidArgument(`${place} must be ${expected}, got ${this.#kindOfNext()}`);
    this.#depth++;
    if (this.#depth > this.maxDepth) throw tooDeep(this.maxDepth, this.#position);
    this.#position++;
  }

  #closes(bracket: number): boolean {
    if (this.peek() !== bracket) return false;
    this.#position++;
    this.#depth--;
    return true;
  }

  #key(): string {
    const { start, end } = this.skip();
    const key = parseJson(this.bytes, { maxDepth: 0, start, end });
    return String(key);
  }

  #kindOfNext(): string {
    switch (this.peek()) {
      case OPEN_OBJECT:
        return "an object";
      case OPEN_ARRAY:
        return "an array";
      case QUOTE:
        return "a string";
      default: {
        const { start, end } = this.skip();
        return this.bytes.toString("latin1", start, Math.min(end, start + 20));
      }
    }
  }

  #space(): void {
    this.#position = skipSpace(this.bytes, this.#position, this.bytes.length);
  }

  #unexpected(expected: string): Error {
    return jsonError(`expected ${expected}, got ${formatByte(this.bytes[this.#position])}`, this.#position);
  }
}

/** Position behind a number or a literal; at least one byte. */
function endOfScalar(bytes: Buffer, start: number): number {
  let i = start;
  for (; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || byte <= 0x20 || byte === COLON) break;
  }
  if (i === start) throw jsonError(`expected a value, got ${formatByte(bytes[start])}`, start);
  return i;
}
