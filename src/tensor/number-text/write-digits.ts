/** Whole numbers as ASCII digits; every function returns where the next byte goes. */

const BILLION = 1e9;

/** Where texts are written: the same memory twice, as the view takes whole words at any offset. */
export interface TextTarget {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Writes the last `count` digits of a whole number from 0 to 2^31 - 1, with leading zeros. */
export function writeDigits({ bytes, view }: TextTarget, at: number, whole: number, count: number): number {
  let rest = whole | 0;
  let first = at + count;
  while (first - at >= 4) {
    const upper = (rest / 10000) | 0;
    first -= 4;
    view.setInt32(first, formatFourDigits(rest - upper * 10000), true);
    rest = upper;
  }
  while (first > at) {
    const upper = (rest / 10) | 0;
    bytes[--first] = 0x30 + rest - upper * 10;
    rest = upper;
  }
  return at + count;
}

/** Four ASCII digits as a word that is written little-endian: both halves, then all four, are divided by ten at once. */
function formatFourDigits(number: number): number {
  const hundreds = (number * 5243) >>> 19;
  const pairs = hundreds | ((number - hundreds * 100) << 16);
  const tens = ((pairs * 103) >>> 10) & 0x000f000f;
  return 0x30303030 + tens + ((pairs - tens * 10) << 8);
}

/** Digits of a whole number from 0 to 2^31 - 1. */
export function countDigits(whole: number): number {
  if (whole < 10000) return whole < 100 ? (whole < 10 ? 1 : 2) : whole < 1000 ? 3 : 4;
  if (whole < 1e8) return whole < 1e6 ? (whole < 1e5 ? 5 : 6) : whole < 1e7 ? 7 : 8;
  return whole < BILLION ? 9 : 10;
}

/** Writes a whole number between -2^53 and 2^53. */
export function writeWhole(target: TextTarget, start: number, whole: number): number {
  let at = start;
  if (whole < 0) target.bytes[at++] = 0x2d;
  const size = Math.abs(whole);
  if (size < BILLION) return writeDigits(target, at, size, countDigits(size));
  const upper = Math.floor(size / BILLION);
  at = writeDigits(target, at, upper, countDigits(upper));
  return writeDigits(target, at, size - upper * BILLION, 9);
}

/** Writes characters that are all ASCII. */
export function writeAscii({ bytes }: TextTarget, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
