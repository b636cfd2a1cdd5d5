import { Buffer, isUtf8 } from "node:buffer";
import { PIECE } from "../turns.ts";
import { jsonError } from "./json-error.ts";

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** The same memory as a Buffer, for its fast searches. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** First position of the text: behind a byte order mark, which some clients write and no parser wants. */
export function startOfText(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

export function skipSpace(bytes: Uint8Array, position: number, end: number): number {
  let i = position;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    i++;
  }
  return i;
}

/** Position behind the last byte before `position` that is no white space. */
export function skipSpaceBack(bytes: Uint8Array, position: number): number {
  let i = position;
  while (i > 0 && skipSpace(bytes, i - 1, i) === i) i--;
  return i;
}

/** Position after the closing quote of the string that opens at `start`; what is inside is not checked. */
export function endOfString(bytes: Buffer, start: number, end: number): number {
  const after = findEndOfString(bytes, start, end);
  if (after === -1) throw jsonError("a string without an end", start);
  return after;
}

/** As `endOfString`; -1 where it does not close before `end`. */
export function findEndOfString(bytes: Buffer, start: number, end: number): number {
  for (let i = start + 1; ; ) {
    // Searching costs more than looking at some bytes, and pays where there are many.
    const near = Math.min(end, i + 64);
    for (; i < near; i++) {
      const byte = bytes[i];
      if (byte === QUOTE) return i + 1;
      if (byte === BACKSLASH) i++;
    }
    if (i >= end) return -1;
    const quote = bytes.indexOf(QUOTE, i);
    if (quote === -1 || quote >= end) return -1;
    let slashes = 0;
    while (bytes[quote - 1 - slashes] === BACKSLASH && quote - 1 - slashes >= i) slashes++;
    if (slashes % 2 === 0) return quote + 1;
    i = quote + 1;
  }
}

/** @throws InferenceError invalid_argument with the first position that is not UTF-8. */
export function assertUtf8(bytes: Buffer): void {
  if (isUtf8(bytes)) return;
  // The piece with the fault is found at native speed; only in it one looks closer.
  for (let from = 0; from < bytes.length; ) {
    const to = startOfCharacter(bytes, from + PIECE);
    const piece = bytes.subarray(from, to);
    if (!isUtf8(piece)) throw jsonError("text that is not UTF-8", from + faultInUtf8(piece));
    from = to;
  }
}

/** A position at or little before `at` where a character begins, or at which bytes are no text anyway. */
function startOfCharacter(bytes: Buffer, at: number): number {
  if (at >= bytes.length) return bytes.length;
  for (let start = at; start > at - 4; start--) if (((bytes[start] as number) & 0xc0) !== 0x80) return start;
  return at;
}

function faultInUtf8(bytes: Buffer): number {
  const repaired = Buffer.from(bytes.toString("utf8"), "utf8");
  let position = 0;
  while (position < bytes.length && repaired[position] === bytes[position]) position++;
  return position;
}
