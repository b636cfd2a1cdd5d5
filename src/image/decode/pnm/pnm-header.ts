import { brokenData } from "../refusal.ts";

/** What the text before the samples of a PBM, PGM or PPM says. */
export interface PnmHeader {
  readonly width: number;
  readonly height: number;
  /** The largest sample: white. 1 for bits, where 1 is black. */
  readonly maxval: number;
  readonly channels: 1 | 3;
  readonly samples: "bits" | "numbers";
  /** Samples written as text. */
  readonly plain: boolean;
  /** Where the samples begin. */
  readonly offset: number;
}

const HASH = 0x23;
/** As Pillow: longer numbers are refused. */
const MAX_DIGITS = 10;

/** The header of `bytes`, which begin with P1 to P6 and white space. @throws InferenceError invalid_argument. */
export function readPnmHeader(bytes: Uint8Array): PnmHeader {
  const kind = (bytes[1] as number) - 0x30;
  const samples = kind === 1 || kind === 4 ? "bits" : "numbers";
  const numbers: number[] = [];
  let offset = 3;
  while (numbers.length < (samples === "bits" ? 2 : 3)) {
    const token = readToken(bytes, offset);
    numbers.push(token.value);
    offset = token.end;
  }
  const [width = 0, height = 0, maxval = 1] = numbers;
  if (width === 0 || height === 0 || maxval === 0 || maxval > 65535) throw brokenData("pnm");
  return { width, height, maxval, channels: kind === 3 || kind === 6 ? 3 : 1, samples, plain: kind <= 3, offset };
}

/** A number and the place behind the one white space that ends it; a comment may stand anywhere, even within. */
function readToken(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let digits = 0;
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === HASH) {
      at = endOfComment(bytes, at);
    } else if (isWhite(byte)) {
      if (digits > 0) break;
    } else {
      value = value * 10 + digitOf(byte);
      if (++digits > MAX_DIGITS) throw brokenData("pnm");
    }
  }
  if (digits === 0) throw brokenData("pnm");
  return { value, end: at + 1 };
}

/** The samples that are written as text, passed to `take` until it returns false. A comment parts nothing, as in Pillow. */
export function readPlainNumbers(bytes: Uint8Array, from: number, take: (value: number) => boolean): void {
  let value = 0;
  let digits = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === HASH) {
      at = endOfComment(bytes, at);
    } else if (!isWhite(byte)) {
      value = value * 10 + digitOf(byte);
      if (++digits > MAX_DIGITS) throw brokenData("pnm");
    } else if (digits > 0) {
      if (!take(value)) return;
      value = 0;
      digits = 0;
    }
  }
  if (digits > 0) take(value);
}

/** Each digit is a sample, with white space between or without. */
export function readPlainBits(bytes: Uint8Array, from: number, take: (value: number) => void): void {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === HASH) at = endOfComment(bytes, at);
    else if (byte === 0x30 || byte === 0x31) take(byte - 0x30);
    else if (!isWhite(byte)) throw brokenData("pnm");
  }
}

function endOfComment(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at++;
  return at;
}

function isWhite(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function digitOf(byte: number): number {
  if (byte < 0x30 || byte > 0x39) throw brokenData("pnm");
  return byte - 0x30;
}
