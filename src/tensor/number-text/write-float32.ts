import { decimalExponent, EXACT_POWERS, joinDecimal, powerOfTen } from "./decimal.ts";
import { writeDecimal } from "./write-decimal.ts";
import { type TextTarget, writeAscii } from "./write-digits.ts";

/** Bytes that the text of an FP32 takes at most, as `-1.17549435e-38`. */
export const FLOAT32_WIDTH = 15;

/** FP32 below it has fewer bits, and an exponent that does not tell its size. */
const SMALLEST_NORMAL = 2 ** -126;

/**
 * Writes an FP32 rounded to the fewest digits that read back as the same FP32: `0.1`, where the double of the same value
 * would be `0.10000000149011612`. Returns where the next byte goes.
 * @param value finite
 * @param bits its 32 bits
 * @param pointed `255.0` for whole numbers instead of `255`
 */
export function writeFloat32(target: TextTarget, start: number, value: number, bits: number, pointed: boolean): number {
  let at = start;
  const size = Math.abs(value);
  if (value < 0) target.bytes[at++] = 0x2d;
  if (size < SMALLEST_NORMAL) return writeSmallest(target, at, value, pointed);
  const exponent = decimalExponent(size, ((bits >>> 23) & 0xff) - 127);
  for (let precision = 6; precision <= 9; precision++) {
    const scale = precision - 1 - exponent;
    const digits = Math.round(size * powerOfTen(scale));
    if (Math.fround(toDouble(digits, scale)) === size) return writeDecimal(target, at, digits, 0, 0, scale, pointed);
  }
  return writeSmallest(target, at, value, pointed);
}

/** The double nearest to digits · 10^-scale; whole numbers times or by an exact power of ten are rounded once. */
function toDouble(digits: number, scale: number): number {
  if (scale >= 0 && scale <= 22) return digits / (EXACT_POWERS[scale] as number);
  if (scale < 0 && scale >= -22) return digits * (EXACT_POWERS[-scale] as number);
  return joinDecimal(digits, 0, 0, -scale);
}

/** Tries all precisions on texts, for zero and the subnormal; a sign stands there already. */
function writeSmallest(target: TextTarget, at: number, value: number, pointed: boolean): number {
  // Python would read -0 as an integer, which has no sign.
  if (value === 0) return writeAscii(target, at, Object.is(value, -0) ? "-0.0" : pointed ? "0.0" : "0");
  const size = Math.abs(value);
  let precision = 1;
  while (precision < 9 && Math.fround(Number(size.toPrecision(precision))) !== size) precision++;
  const [mantissa = "", exponent = ""] = size.toExponential(precision - 1).split("e");
  return writeDecimal(target, at, Number(mantissa.replace(".", "")), 0, 0, precision - 1 - Number(exponent));
}
