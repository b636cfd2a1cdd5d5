import { Buffer } from "node:buffer";
import { BACKSLASH } from "./json-bytes.ts";
import { formatByte, jsonError } from "./json-error.ts";

/**
 * Bytes of the JSON string between the quotes at `start` and `end - 1`, escapes resolved to UTF-8. Bytes that are not UTF-8
 * stay as they are: servers write them so. Without escapes it is a view, else a copy.
 * @throws InferenceError invalid_argument for control characters, unknown escapes and lone surrogates.
 */
export function unescapeString(bytes: Buffer, start: number, end: number): Uint8Array {
  let escaped = false;
  for (let i = start + 1; i < end - 1; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x20) throw jsonError(`${formatByte(byte)} in a string, which must be escaped`, i);
    if (byte === BACKSLASH) escaped = true;
  }
  if (!escaped) return new Uint8Array(bytes.buffer, bytes.byteOffset + start + 1, end - start - 2);
  const target = Buffer.allocUnsafe(end - start - 2);
  let length = 0;
  for (let i = start + 1; i < end - 1; ) {
    const byte = bytes[i] as number;
    if (byte !== BACKSLASH) {
      target[length++] = byte;
      i++;
      continue;
    }
    const letter = bytes[i + 1];
    if (letter === 0x75) {
      const first = hexUnit(bytes, i, end);
      const pair = first >= 0xd800 && first < 0xdc00 && bytes[i + 6] === BACKSLASH && bytes[i + 7] === 0x75;
      const second = pair ? hexUnit(bytes, i + 6, end) : 0;
      if (first >= 0xd800 && first < 0xe000 && !(pair && second >= 0xdc00 && second < 0xe000)) {
        throw jsonError("a surrogate without its pair", i);
      }
      length += target.write(pair ? String.fromCharCode(first, second) : String.fromCharCode(first), length, "utf8");
      i += pair ? 12 : 6;
      continue;
    }
    const plain = letter === undefined ? undefined : ESCAPES.get(letter);
    if (plain === undefined) throw jsonError("an escape that JSON does not know", i);
    target[length++] = plain;
    i += 2;
  }
  return new Uint8Array(target.buffer, target.byteOffset, length);
}

function hexUnit(bytes: Buffer, position: number, end: number): number {
  const text = bytes.toString("latin1", position + 2, Math.min(position + 6, end - 1));
  if (!/^[0-9a-fA-F]{4}$/.test(text)) throw jsonError("an escape that JSON does not know", position);
  return Number.parseInt(text, 16);
}

const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);
