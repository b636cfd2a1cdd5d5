import type { Buffer } from "node:buffer";
import { type InferenceError, invalidArgument } from "../../errors.ts";
import { CLOSE_ARRAY, COMMA, endOfString, OPEN_ARRAY, QUOTE, skipSpace } from "../../json/json-bytes.ts";
import { formatByte, jsonError } from "../../json/json-error.ts";
import type { Extent } from "../../json/json-reader.ts";
import { unescapeString } from "../../json/string-bytes.ts";

export interface ByteStringsRead {
  readonly data: Uint8Array[];
  /** Sizes of the nested arrays, outermost first. */
  readonly shape: readonly number[];
  /** Where the text after them begins. */
  readonly end: number;
}

/**
 * Reads a JSON array of strings, flat or nested rectangularly, as BYTES elements without making strings of them. Bytes
 * that are not UTF-8 stay as they are: Triton writes them so.
 * @throws InferenceError invalid_argument for elements that are no strings, ragged nesting, more than `maxElements`.
 */
export function readByteStrings(
  bytes: Buffer,
  { start, end }: Extent,
  { name, maxElements }: { readonly name: string; readonly maxElements: number },
): ByteStringsRead {
  const data: Uint8Array[] = [];
  const shape: number[] = [];
  let rank: number | undefined;

  const readItem = (position: number, level: number): number => {
    const byte = bytes[position];
    if (byte === OPEN_ARRAY) {
      if (rank !== undefined && level >= rank) throw ragged(name, position);
      return readArray(position, level);
    }
    if (byte !== QUOTE) {
      const got = `${formatByte(byte)} at byte ${position}`;
      throw invalidArgument(`tensor '${name}': expected a string as element ${data.length} of data, got ${got}`);
    }
    rank ??= level;
    if (rank !== level) throw ragged(name, position);
    if (data.length === maxElements) {
      throw invalidArgument(`tensor '${name}': more elements than the limit of ${maxElements} (max_elements)`);
    }
    const after = endOfString(bytes, position, end);
    data.push(unescapeString(bytes, position, after));
    return after;
  };

  const readArray = (position: number, level: number): number => {
    let count = 0;
    let i = skipSpace(bytes, position + 1, end);
    while (count > 0 || bytes[i] !== CLOSE_ARRAY) {
      i = skipSpace(bytes, readItem(i, level + 1), end);
      count++;
      if (bytes[i] === CLOSE_ARRAY) break;
      if (bytes[i] !== COMMA) throw jsonError(`expected ',' or ']', got ${formatByte(bytes[i])}`, i);
      i = skipSpace(bytes, i + 1, end);
    }
    shape[level] ??= count;
    if (shape[level] !== count) throw ragged(name, position);
    return i + 1;
  };

  const after = readArray(start, 0);
  if (shape.reduce((product, size) => product * size, 1) !== data.length) throw ragged(name, start);
  return { data, shape, end: after };
}

function ragged(name: string, position: number): InferenceError {
  return invalidArgument(`tensor '${name}': data is not nested evenly at byte ${position}`);
}
