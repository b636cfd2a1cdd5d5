import { Buffer, isUtf8 } from "node:buffer";
import { LONG_DIGITS, readLong } from "../tensor/elements/long.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import { assertFewContainers, tooDeep } from "./inspect-json.ts";
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfString,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  skipSpace,
} from "./json-bytes.ts";
import { formatByte, jsonError } from "./json-error.ts";
import { unescapeString } from "./string-bytes.ts";

/**
 * Reads JSON byte by byte (RFC 8259): what `JSON.parse` would round or refuse becomes exact here. Integers beyond 2^53 are
 * bigint, the bare tokens NaN, Infinity and -Infinity are numbers, errors carry the position.
 */
export class JsonParser {
  position: number;
  /** Arrays and objects so far. */
  containers = 0;
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #maxDepth: number;

  constructor(bytes: Buffer, start: number, end: number, maxDepth: number) {
    this.#bytes = bytes;
    this.position = start;
    this.#end = end;
    this.#maxDepth = maxDepth;
  }

  /** The one value of the text. */
  parse(): JsonValue {
    const value = this.value(0);
    this.#space();
    if (this.position < this.#end) throw this.#unexpected("the end");
    return value;
  }

  /** The next value, inside of `depth` arrays and objects. */
  value(depth: number): JsonValue {
    this.#space();
    const byte = this.#byte();
    switch (byte) {
      case OPEN_OBJECT:
        return this.#object(depth + 1);
      case OPEN_ARRAY:
        return this.#array(depth + 1);
      case QUOTE:
        return this.#string();
      case 0x74:
        return this.#literal("true", true);
      case 0x66:
        return this.#literal("false", false);
      case 0x6e:
        return this.#literal("null", null);
      case 0x4e:
        return this.#literal("NaN", Number.NaN);
      case 0x49:
        return this.#literal("Infinity", Number.POSITIVE_INFINITY);
      default:
        return this.#number();
    }
  }

  /** Values with commas between, up to the comma or bracket at `until`. */
  items(until: number, depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    do items.push(this.value(depth));
    while (!this.separator(until, true));
    return items;
  }

  /** Keys and their values with commas between, up to the comma or brace at `until`. */
  members(until: number, depth: number): [string, JsonValue][] {
    const members: [string, JsonValue][] = [];
    do {
      const key = this.#keyAndColon();
      members.push([key, this.value(depth)]);
    } while (!this.separator(until, false));
    return members;
  }

  /** Takes the comma behind a value; true where it is the one at `until`, or the end of an array or object. */
  separator(until: number, inArray: boolean): boolean {
    this.#space();
    if (this.position === until) return true;
    if (this.position > until || this.#byte() !== COMMA) throw this.#unexpected(inArray ? "',' or ']'" : "',' or '}'");
    this.position++;
    return false;
  }

  /** Takes the end of an array or object. */
  close(isArray: boolean): void {
    if (this.#byte() !== (isArray ? CLOSE_ARRAY : CLOSE_OBJECT))
      throw this.#unexpected(isArray ? "',' or ']'" : "',' or '}'");
    this.position++;
  }

  #keyAndColon(): string {
    this.#space();
    if (this.#byte() !== QUOTE) throw this.#unexpected("a key");
    const key = this.key();
    this.#space();
    if (this.#byte() !== COLON) throw this.#unexpected("':'");
    this.position++;
    return key;
  }

  #object(depth: number): JsonValue {
    if (depth > this.#maxDepth) throw tooDeep(this.#maxDepth, this.position);
    assertFewContainers(++this.containers, this.position);
    const object: Record<string, JsonValue> = {};
    this.position++;
    this.#space();
    if (this.#byte() === CLOSE_OBJECT) {
      this.position++;
      return object;
    }
    for (;;) {
      const key = this.#keyAndColon();
      // An own property even where the key is __proto__, as JSON.parse makes it.
      if (key === "__proto__") {
        const value = this.value(depth);
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      } else object[key] = this.value(depth);
      this.#space();
      const byte = this.#byte();
      if (byte !== COMMA && byte !== CLOSE_OBJECT) throw this.#unexpected("',' or '}'");
      this.position++;
      if (byte === CLOSE_OBJECT) return object;
    }
  }

  #array(depth: number): JsonValue {
    if (depth > this.#maxDepth) throw tooDeep(this.#maxDepth, this.position);
    assertFewContainers(++this.containers, this.position);
    const array: JsonValue[] = [];
    this.position++;
    this.#space();
    if (this.#byte() === CLOSE_ARRAY) {
      this.position++;
      return array;
    }
    for (;;) {
      array.push(this.value(depth));
      this.#space();
      const byte = this.#byte();
      if (byte !== COMMA && byte !== CLOSE_ARRAY) throw this.#unexpected("',' or ']'");
      this.position++;
      if (byte === CLOSE_ARRAY) return array;
    }
  }

  /** The string that begins here. @throws InferenceError invalid_argument for bytes that are not UTF-8. */
  key(): string {
    const key = this.#string();
    if (typeof key !== "string") throw jsonError("a key that is not UTF-8", this.position);
    return key;
  }

  /** A string; where its bytes are not UTF-8, `{"b64"}`, the form in which bytes travel in JSON. */
  #string(): JsonValue {
    const start = this.position;
    const end = endOfString(this.#bytes, start, this.#end);
    this.position = end;
    let plain = true;
    for (let i = start + 1; i < end - 1; i++) {
      const byte = this.#bytes[i] as number;
      if (byte < 0x20) throw jsonError(`${formatByte(byte)} in a string, which must be escaped`, i);
      if (byte === BACKSLASH || byte > 0x7e) plain = false;
    }
    if (plain) return asciiText(this.#bytes, start + 1, end - 1);
    if (!isUtf8(this.#bytes.subarray(start, end))) {
      return { b64: toBase64(unescapeString(this.#bytes, start, end)) };
    }
    try {
      return JSON.parse(this.#bytes.toString("utf8", start, end)) as string;
    } catch {
      throw jsonError("a string with an escape that JSON does not know", start);
    }
  }

  #number(): JsonValue {
    const start = this.position;
    if (this.#byte() === 0x2d) this.position++;
    if (this.#byte() === 0x49) return -(this.#literal("Infinity", Number.POSITIVE_INFINITY) as number);
    const digits = this.position;
    this.#digits("a value");
    if (this.#bytes[digits] === 0x30 && this.position > digits + 1)
      throw jsonError("a number with a leading zero", start);
    let whole = true;
    if (this.#byte() === 0x2e) {
      whole = false;
      this.position++;
      this.#digits("a digit");
    }
    if (this.#byte() === 0x65 || this.#byte() === 0x45) {
      whole = false;
      this.position++;
      if (this.#byte() === 0x2b || this.#byte() === 0x2d) this.position++;
      this.#digits("a digit");
    }
    const { position } = this;
    if (whole && position - digits > SAFE_DIGITS && position - digits <= LONG_DIGITS) {
      readLong(this.#bytes, digits, position, LONG_HALVES);
      const long = LONG[0] as bigint;
      if (long > MAX_SAFE) return digits > start ? -long : long;
    }
    const text = asciiText(this.#bytes, start, position);
    const value = Number(text);
    if (whole && !Number.isSafeInteger(value)) {
      if (text.length > MAX_INTEGER_DIGITS)
        throw jsonError(`an integer of more than ${MAX_INTEGER_DIGITS} digits`, start);
      return BigInt(text);
    }
    if (!Number.isFinite(value)) throw jsonError("a number beyond the range of FP64", start);
    return value;
  }

  #digits(expected: string): void {
    const start = this.position;
    for (;;) {
      const byte = this.#byte();
      if (byte === undefined || byte < 0x30 || byte > 0x39) break;
      this.position++;
    }
    if (this.position === start) throw this.#unexpected(expected);
  }

  #literal<T extends JsonValue>(text: string, value: T): T {
    const start = this.position;
    this.position += text.length;
    if (this.position > this.#end || this.#bytes.toString("latin1", start, this.position) !== text) {
      this.position = start;
      throw this.#unexpected("a value");
    }
    return value;
  }

  #byte(): number | undefined {
    return this.position < this.#end ? this.#bytes[this.position] : undefined;
  }

  #space(): void {
    this.position = skipSpace(this.#bytes, this.position, this.#end);
  }

  #unexpected(expected: string): Error {
    return jsonError(`expected ${expected}, got ${formatByte(this.#byte())}`, this.position);
  }
}

/** Short texts are put together faster than they are sliced. */
function asciiText(bytes: Buffer, start: number, end: number): string {
  if (end - start > 16) return bytes.toString("latin1", start, end);
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

const SAFE_DIGITS = 15;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const LONG = new BigUint64Array(1);
const LONG_HALVES = new Uint32Array(LONG.buffer);

/** BigInt of a text takes time that grows with its square; no datatype holds more than 20 digits, FP64 309. */
const MAX_INTEGER_DIGITS = 400;

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
