import { countDigits, type TextTarget, writeAscii, writeDigits } from "./write-digits.ts";

/**
 * Writes the whole number `upper · 10^lowerCount + lower` times 10^-scale as a JSON number, without trailing zeros and
 * plainly where that is short; returns where the next byte goes.
 * @param upper 1 to 2^31 - 1
 * @param pointed whole numbers keep a point, `255.0`, which tells readers without datatypes that they are floats
 */
export function writeDecimal(
  target: TextTarget,
  start: number,
  upper: number,
  lower: number,
  lowerCount: number,
  scale: number,
  pointed = false,
): number {
  const { bytes } = target;
  const upperCount = countDigits(upper);
  /** Digits before the decimal point; negative for zeros behind it. */
  const point = upperCount + lowerCount - scale;
  const isSmall = point <= 0 && point > -4;
  const first = start + (isSmall ? 2 - point : 1);
  let end = writeDigits(target, first, upper, upperCount);
  if (lowerCount > 0) end = writeDigits(target, end, lower, lowerCount);
  while (bytes[end - 1] === 0x30) end--;
  const count = end - first;

  if (isSmall) {
    for (let i = start; i < first; i++) bytes[i] = 0x30;
    bytes[start + 1] = 0x2e;
    return end;
  }
  // With ".0" they are two bytes longer.
  if (point > 0 && (point < count || point <= (pointed ? 12 : 14))) {
    for (let i = 0; i < Math.min(point, count); i++) bytes[start + i] = bytes[first + i] as number;
    for (let i = count; i < point; i++) bytes[start + i] = 0x30;
    if (point >= count) return pointed ? writePoint(target, start + point) : start + point;
    bytes[start + point] = 0x2e;
    return end;
  }
  bytes[start] = bytes[first] as number;
  if (count === 1) end = first;
  else bytes[first] = 0x2e;
  bytes[end] = 0x65;
  return writeAscii(target, end + 1, String(point - 1));
}

/** The point of a whole number and the digit that JSON wants behind it. */
export function writePoint({ bytes }: TextTarget, at: number): number {
  bytes[at] = 0x2e;
  bytes[at + 1] = 0x30;
  return at + 2;
}
