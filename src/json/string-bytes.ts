import { Buffer } from "node:buffer";
import { BACKSLASH, QUOTE } from "./json-bytes.ts";
import { formatByte, jsonError } from "./json-error.ts";

/**
 * Bytes of the JSON string between the quotes at `start` and `end - 1`, escapes resolved to UTF-8. Bytes that are not UTF-8
 * stay as they are: servers write them so. Without escapes it is a view, else a copy.
 * @throws InferenceError invalid_argument for control characters, unknown escapes and lone surrogates.
 */
export function unescapeString(bytes: Buffer, start: number, end: number): Uint8Array {
  for (let i = start + 1; i < end - 1; i++) {
    const byte = bytes[i] as number;
    if (byte === BACKSLASH) return new LongString(bytes, start, end).advance(end) as Uint8Array;
    if (byte < 0x20) throw controlCharacter(byte, i);
  }
  return viewOf(bytes, start + 1, end - 1);
}

/** A JSON string that is read as far as it is told to: the same bytes as those of `unescapeString`. */
export class LongString {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #limit: number;
  /** Once there is an escape. */
  #target: Buffer | undefined;
  #length = 0;
  #at: number;

  /** @param limit where the string must have ended. */
  constructor(bytes: Buffer, start: number, limit: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#limit = limit;
    this.#at = start + 1;
  }

  /** Position behind what was read, which is behind the closing quote once there is a result. */
  get end(): number {
    return this.#at;
  }

  /**
   * Goes on to about `until`; the bytes once the closing quote was read.
   * @throws InferenceError invalid_argument as `unescapeString`, and for a string without an end.
   */
  advance(until: number): Uint8Array | undefined {
    const bytes = this.#bytes;
    const stop = Math.min(until, this.#limit);
    let length = this.#length;
    let at = this.#at;
    // What is read now fits: an escape that begins before `stop` takes no more than it is long.
    let target = this.#target && withRoom(this.#target, length, length + stop - at + LONGEST_ESCAPE);
    while (at < stop) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return target === undefined ? viewOf(bytes, this.#start + 1, at) : viewOf(target, 0, length);
      }
      if (byte < 0x20) throw controlCharacter(byte, at);
      if (byte !== BACKSLASH) {
        if (target !== undefined) target[length++] = byte;
        at++;
        continue;
      }
      if (target === undefined) {
        target = Buffer.allocUnsafe(stop - this.#start + LONGEST_ESCAPE);
        length = bytes.copy(target, 0, this.#start + 1, at);
      }
      if (bytes[at + 1] !== LETTER_U) {
        target[length++] = plainEscape(bytes, at);
        at += 2;
        continue;
      }
      const code = this.#escapedCode(at);
      length = writeUtf8(target, length, code);
      at += code > 0xffff ? 12 : 6;
    }
    if (stop === this.#limit) throw jsonError("a string without an end", this.#start);
    this.#target = target;
    this.#length = length;
    this.#at = at;
    return undefined;
  }

  #escapedCode(at: number): number {
    const first = this.#unit(at);
    if (first < 0xd800 || first >= 0xe000) return first;
    const hasPair = first < 0xdc00 && this.#bytes[at + 6] === BACKSLASH && this.#bytes[at + 7] === LETTER_U;
    const second = hasPair ? this.#unit(at + 6) : 0;
    if (second < 0xdc00 || second >= 0xe000) throw jsonError("a surrogate without its pair", at);
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
  }

  #unit(at: number): number {
    const bytes = this.#bytes;
    let unit = at + 6 > this.#limit - 1 ? -1 : 0;
    for (let i = at + 2; unit >= 0 && i < at + 6; i++) {
      const digit = HEX_DIGITS[bytes[i] as number] as number;
      unit = digit < 0 ? -1 : unit * 16 + digit;
    }
    if (unit < 0) throw unknownEscape(at);
    return unit;
  }
}

/** A pair of surrogates. */
const LONGEST_ESCAPE = 12;

/** Twice as large where it is too small: the limit may be the end of the body, which is not taken for each of its strings. */
function withRoom(target: Buffer, length: number, wanted: number): Buffer {
  if (wanted <= target.length) return target;
  const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * target.length));
  target.copy(larger, 0, 0, length);
  return larger;
}

function viewOf(bytes: Buffer, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

function plainEscape(bytes: Buffer, at: number): number {
  const plain = ESCAPES[bytes[at + 1] ?? 0] as number;
  if (plain === 0) throw unknownEscape(at);
  return plain;
}

/** Writes a character; the position behind it. */
function writeUtf8(target: Buffer, start: number, code: number): number {
  let at = start;
  if (code < 0x80) target[at++] = code;
  else if (code < 0x800) target[at++] = 0xc0 | (code >> 6);
  else if (code < 0x10000) target[at++] = 0xe0 | (code >> 12);
  else {
    target[at++] = 0xf0 | (code >> 18);
    target[at++] = 0x80 | ((code >> 12) & 0x3f);
  }
  if (code >= 0x800) target[at++] = 0x80 | ((code >> 6) & 0x3f);
  if (code >= 0x80) target[at++] = 0x80 | (code & 0x3f);
  return at;
}

function controlCharacter(byte: number, at: number): Error {
  return jsonError(`${formatByte(byte)} in a string, which must be escaped`, at);
}

function unknownEscape(at: number): Error {
  return jsonError("an escape that JSON does not know", at);
}

const LETTER_U = 0x75;
const HEX_DIGITS = new Int8Array(256).fill(-1);
for (const [digit, letters] of [..."0123456789abcdef"].entries()) {
  for (const letter of [letters, letters.toUpperCase()]) HEX_DIGITS[letter.charCodeAt(0)] = digit;
}
/** What an escape's letter stands for, 0 for none. */
const ESCAPES = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ '"': 0x22, "\\": 0x5c, "/": 0x2f, b: 8, f: 12, n: 10, r: 13, t: 9 })) {
  ESCAPES[letter.charCodeAt(0)] = byte;
}
