import { isUtf8 } from "node:buffer";
import type { TextTarget } from "./write-digits.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Letters behind a backslash for the control characters that have one (RFC 8259 §7). */
const SHORT_ESCAPES: Readonly<Record<number, number>> = { 8: 0x62, 9: 0x74, 10: 0x6e, 12: 0x66, 13: 0x72 };

/** Bytes that UTF-8 text takes as a JSON string, quotes included; undefined when it is not UTF-8. */
export function jsonStringSize(text: Uint8Array): number | undefined {
  return isUtf8(text) ? escapedSize(text) + 2 : undefined;
}

/** Bytes that a part of UTF-8 text takes inside a JSON string. */
export function escapedSize(text: Uint8Array): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as number;
    if (c < 0x20) size += SHORT_ESCAPES[c] === undefined ? 5 : 1;
    else if (c === QUOTE || c === BACKSLASH) size++;
  }
  return size;
}

/** Writes UTF-8 text as a JSON string; returns where the next byte goes. */
export function writeJsonString({ bytes: target }: TextTarget, start: number, text: Uint8Array): number {
  target[start] = QUOTE;
  const end = writeEscaped(target, start + 1, text);
  target[end] = QUOTE;
  return end + 1;
}

/** Writes a part of UTF-8 text as it stands inside a JSON string; returns where the next byte goes. */
export function writeEscaped(target: Uint8Array, start: number, text: Uint8Array): number {
  let at = start;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as number;
    if (c >= 0x20 && c !== QUOTE && c !== BACKSLASH) {
      target[at++] = c;
      continue;
    }
    const letter = c >= 0x20 ? c : SHORT_ESCAPES[c];
    target[at++] = BACKSLASH;
    if (letter !== undefined) {
      target[at++] = letter;
      continue;
    }
    target[at++] = 0x75;
    target[at++] = 0x30;
    target[at++] = 0x30;
    target[at++] = 0x30 + (c >>> 4);
    target[at++] = "0123456789abcdef".charCodeAt(c & 15);
  }
  return at;
}
