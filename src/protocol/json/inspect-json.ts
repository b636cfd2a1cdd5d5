import type { Buffer } from "node:buffer";
import { invalidArgument } from "../../errors.ts";
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  endOfString,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  skipSpace,
} from "./json-bytes.ts";

export interface InspectOptions {
  readonly maxDepth: number;
  /** Items of the outermost array. @default no bound */
  readonly maxItems?: number;
  /** What the items are called in the error. @default "items" */
  readonly itemName?: string;
}

/**
 * Looks at JSON text before anything is built of it: nesting and items against their limits, and whether `JSON.parse` can
 * read it without loss. It cannot where an integer has 16 or more digits, where an exponent has three or more, or where
 * one of the bare tokens NaN and Infinity stands outside a string.
 * @throws InferenceError invalid_argument that names the limit.
 */
export function inspectJson(bytes: Buffer, start: number, end: number, options: InspectOptions): { plain: boolean } {
  const { maxDepth, maxItems = Number.POSITIVE_INFINITY } = options;
  let plain = true;
  let depth = 0;
  let commas = 0;
  let i = start;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte >= 0x30 && byte <= 0x39) {
      const digits = i;
      i = endOfDigits(bytes, i, end);
      if (i - digits >= 16) plain = false;
      if (bytes[i] === 0x2e) i = endOfDigits(bytes, i + 1, end);
      if (bytes[i] === 0x65 || bytes[i] === 0x45) {
        const sign = bytes[i + 1] === 0x2d || bytes[i + 1] === 0x2b ? 1 : 0;
        const exponent = i + 1 + sign;
        i = endOfDigits(bytes, exponent, end);
        if (i - exponent >= 3) plain = false;
      }
      continue;
    }
    switch (byte) {
      case QUOTE:
        i = endOfString(bytes, i, end);
        continue;
      case COMMA:
        if (depth === 1) commas++;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth++;
        if (depth > maxDepth) throw tooDeep(maxDepth, i);
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        break;
      case 0x4e: // N of NaN
      case 0x49: // I of Infinity
        plain = false;
        break;
    }
    i++;
  }
  if (commas >= maxItems && bytes[skipSpace(bytes, start, end)] === OPEN_ARRAY) {
    throw invalidArgument(`${commas + 1} ${options.itemName ?? "items"} are more than the limit of ${maxItems}`);
  }
  return { plain };
}

function endOfDigits(bytes: Buffer, position: number, end: number): number {
  let i = position;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte < 0x30 || byte > 0x39) break;
    i++;
  }
  return i;
}

/** The error for JSON nested deeper than allowed. */
export function tooDeep(maxDepth: number, position: number): Error {
  return invalidArgument(`JSON is nested deeper than the limit of ${maxDepth} levels at byte ${position}`);
}
