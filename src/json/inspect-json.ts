import type { Buffer } from "node:buffer";
import { type InferenceError, invalidArgument } from "../errors.ts";
import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, endOfString, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from "./json-bytes.ts";
import { jsonError } from "./json-error.ts";

/** What a look at JSON text tells. */
export interface Inspection {
  /** Position behind the value. */
  readonly end: number;
  /**
   * True when `JSON.parse` reads it without loss. It does not where an integer has 16 or more digits, where an exponent
   * has three or more, or where one of the bare tokens NaN and Infinity stands outside a string.
   */
  readonly plain: boolean;
  /** Items of an array that is not empty, members of an object. */
  readonly items: number;
}

/**
 * Arrays and objects that may be built of one text: a message is refused that would take gigabytes and seconds of memory management.
 * Numbers that are read as a tensor are no arrays.
 */
export const MAX_CONTAINERS = 2_097_152;

export const DIGIT = 1;
const OTHER_STRUCTURE = 2;
export const TOKEN = 3;
/** What an inspection has to look at; 0 for other bytes. */
export const KINDS: Uint8Array = new Uint8Array(256);
for (let digit = 0x30; digit <= 0x39; digit++) KINDS[digit] = DIGIT;
for (const byte of [QUOTE, COMMA, OPEN_ARRAY, OPEN_OBJECT, CLOSE_ARRAY, CLOSE_OBJECT]) KINDS[byte] = OTHER_STRUCTURE;
// N of NaN, I of Infinity.
for (const byte of [0x4e, 0x49]) KINDS[byte] = TOKEN;

/**
 * Looks at the array or object that begins at `start` before anything is built of it; its nesting is held to the
 * limit, the `outside` arrays and objects around it included.
 * What is inside is checked no further.
 * @throws InferenceError invalid_argument that names the limit, or where there is no end.
 */
export function inspectJson(bytes: Buffer, start: number, end: number, maxDepth: number, outside = 0): Inspection {
  let plain = true;
  let depth = outside;
  let commas = 0;
  let containers = 0;
  let i = start;
  while (i < end) {
    const byte = bytes[i] as number;
    const kind = KINDS[byte];
    if (kind === 0) {
      i++;
    } else if (kind === DIGIT) {
      i = endOfNumber(bytes, i, end);
      if (i < 0) {
        plain = false;
        i = ~i;
      }
    } else if (kind === TOKEN) {
      plain = false;
      i++;
    } else if (byte === COMMA) {
      if (depth === outside + 1) commas++;
      i++;
    } else if (byte === QUOTE) {
      i = endOfString(bytes, i, end);
    } else {
      if (isOpening(byte)) {
        if (++depth > maxDepth) throw tooDeep(maxDepth, i);
        assertFewContainers(++containers, i);
      } else depth--;
      i++;
      if (depth === outside) return { end: i, plain, items: commas + 1 };
    }
  }
  throw jsonError(`expected ${bytes[start] === OPEN_ARRAY ? "']'" : "'}'"}, got the end`, end);
}

/** Position behind the digits at `start` and what follows of their number; its complement where `JSON.parse` would lose of it. */
export function endOfNumber(bytes: Buffer, start: number, end: number): number {
  let i = endOfDigits(bytes, start, end);
  let plain = i - start < 16;
  if (bytes[i] === 0x2e) i = endOfDigits(bytes, i + 1, end);
  if (bytes[i] === 0x65 || bytes[i] === 0x45) {
    const exponent = i + (bytes[i + 1] === 0x2d || bytes[i + 1] === 0x2b ? 2 : 1);
    i = endOfDigits(bytes, exponent, end);
    if (i - exponent >= 3) plain = false;
  }
  return plain ? i : ~i;
}

function endOfDigits(bytes: Buffer, position: number, end: number): number {
  let i = position;
  while (i < end && KINDS[bytes[i] as number] === DIGIT) i++;
  return i;
}

/** For brackets and braces: the opening ones have the bit clear that the closing ones have set. */
export function isOpening(bracket: number): boolean {
  return (bracket & 4) === 0;
}

/** @throws InferenceError invalid_argument for one more than may be built. */
export function assertFewContainers(count: number, position: number): void {
  if (count <= MAX_CONTAINERS) return;
  throw invalidArgument(
    `JSON: expected at most ${MAX_CONTAINERS} arrays and objects, got ${count} or more at byte ${position}`,
  );
}

/** The error for JSON nested deeper than allowed. */
export function tooDeep(maxDepth: number, position: number): InferenceError {
  return invalidArgument(
    `JSON is nested deeper than the limit of ${maxDepth} levels at byte ${position} (max_json_depth)`,
  );
}
