import type { Buffer } from "node:buffer";
import { isOpening, tooDeep } from "./inspect-json.ts";
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, endOfString, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from "./json-bytes.ts";
import { formatByte, jsonError } from "./json-error.ts";

/** 1 for the bytes that a scan for the end of an array or an object has to look at. */
const IS_STRUCTURE = new Uint8Array(256);
for (const byte of [QUOTE, OPEN_ARRAY, OPEN_OBJECT, CLOSE_ARRAY, CLOSE_OBJECT]) IS_STRUCTURE[byte] = 1;

/** After this many bytes without structure, searching for the next is faster than looking at every byte. */
const LONG_RUN = 24;

/**
 * Position behind the value at `start`. Brackets and strings are followed; nothing is checked further.
 * @throws InferenceError invalid_argument where there is no value or no end, or it is nested deeper than `maxDepth`,
 *   the `outside` arrays and objects around it included.
 */
export function skipValue(bytes: Buffer, start: number, maxDepth: number, outside: number): number {
  const { length } = bytes;
  const first = bytes[start];
  if (first === QUOTE) return endOfString(bytes, start, length);
  if (first !== OPEN_ARRAY && first !== OPEN_OBJECT) return endOfScalar(bytes, start);
  const search = new StructureSearch(bytes);
  let depth = outside;
  let i = start;
  let run = i;
  while (i < length) {
    const byte = bytes[i] as number;
    if (IS_STRUCTURE[byte] === 0) {
      i = i - run < LONG_RUN ? i + 1 : search.next(i);
      continue;
    }
    if (byte === QUOTE) {
      i = endOfString(bytes, i, length);
    } else {
      depth += isOpening(byte) ? 1 : -1;
      if (depth > maxDepth) throw tooDeep(maxDepth, i);
      i++;
      if (depth === outside) return i;
    }
    run = i;
  }
  throw jsonError(`expected ${first === OPEN_ARRAY ? "']'" : "'}'"}, got the end`, length);
}

/** Finds the next byte of structure. A position that was found stays known until it is passed. */
class StructureSearch {
  readonly #bytes: Buffer;
  #quote = -1;
  #openArray = -1;
  #closeArray = -1;
  #openObject = -1;
  #closeObject = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(from: number): number {
    if (this.#quote < from) this.#quote = this.#find(QUOTE, from);
    if (this.#openArray < from) this.#openArray = this.#find(OPEN_ARRAY, from);
    if (this.#closeArray < from) this.#closeArray = this.#find(CLOSE_ARRAY, from);
    if (this.#openObject < from) this.#openObject = this.#find(OPEN_OBJECT, from);
    if (this.#closeObject < from) this.#closeObject = this.#find(CLOSE_OBJECT, from);
    return Math.min(this.#quote, this.#openArray, this.#closeArray, this.#openObject, this.#closeObject);
  }

  #find(byte: number, from: number): number {
    const position = this.#bytes.indexOf(byte, from);
    return position === -1 ? this.#bytes.length : position;
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
