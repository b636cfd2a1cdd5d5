import { decimalExponent, EXACT_POWERS, joinDecimal, PART_DIGITS, scaleToWhole } from "./decimal.ts";
import { writeDecimal, writePoint } from "./write-decimal.ts";
import { type TextTarget, writeAscii, writeWhole } from "./write-digits.ts";

/** Bytes that the text of an FP64 takes at most, as `-0.0000012345678901234567`. */
export const FLOAT64_WIDTH = 25;

/** Between these the arithmetic on pairs of doubles has the powers of ten it needs. */
const SMALLEST_QUICK = 1e-40;
const LARGEST_QUICK = 1e40;

/**
 * Writes the shortest decimal that reads back as the same double; returns where the next byte goes.
 * @param value finite
 * @param upper the upper 32 of its bits
 * @param parts two numbers to work with
 * @param pointed `255.0` for whole numbers instead of `255`
 */
export function writeFloat64(
  target: TextTarget,
  start: number,
  value: number,
  upper: number,
  parts: Float64Array,
  pointed: boolean,
): number {
  if (value === 0) return writeAscii(target, start, Object.is(value, -0) ? "-0.0" : pointed ? "0.0" : "0");
  if (Number.isSafeInteger(value)) {
    const end = writeWhole(target, start, value);
    return pointed ? writePoint(target, end) : end;
  }
  const size = Math.abs(value);
  if (size < SMALLEST_QUICK || size > LARGEST_QUICK) return writeShortest(target, start, value, pointed);
  const exponent = decimalExponent(size, ((upper >>> 20) & 0x7ff) - 1023);
  const isPowerOfTwo = (upper & 0xfffff) === 0;
  const scale = findDigits(size, exponent, isPowerOfTwo, parts);
  if (Number.isNaN(scale)) return writeShortest(target, start, value, pointed);
  let at = start;
  if (value < 0) target.bytes[at++] = 0x2d;
  return writeDecimal(target, at, parts[0] as number, parts[1] as number, PART_DIGITS, scale, pointed);
}

/** The engine's own text, which has neither point nor exponent for whole numbers up to 10^21. */
function writeShortest(target: TextTarget, start: number, value: number, pointed: boolean): number {
  const text = String(value);
  const end = writeAscii(target, start, text);
  return pointed && !/[.e]/.test(text) ? writePoint(target, end) : end;
}

/** The scale by which `size` is the whole number in `parts`, with as few digits as tell it; NaN when that is in doubt. */
function findDigits(size: number, exponent: number, isPowerOfTwo: boolean, parts: Float64Array): number {
  const few = 14 - exponent;
  const power = EXACT_POWERS[Math.abs(few)];
  if (power !== undefined) {
    // 15 digits, which are below 2^53: whole numbers times or by an exact power are rounded once.
    const digits = Math.round(few < 0 ? size / power : size * power);
    if ((few < 0 ? digits * power : digits / power) === size) {
      const upper = Math.floor(digits / 1e8);
      parts[0] = upper;
      parts[1] = digits - upper * 1e8;
      return few;
    }
  }
  // Doubles lie closer below a power of two than above, so that the nearest digits may not be the fewest.
  if (isPowerOfTwo) return Number.NaN;
  for (let scale = power === undefined ? few : few + 1; scale <= few + 2; scale++) {
    scaleToWhole(size, scale, parts);
    const back = joinDecimal(parts[0] as number, parts[1] as number, PART_DIGITS, -scale);
    if (back === size) return scale;
    // In the middle between two doubles: the engine's own conversion tells.
    if (Number.isNaN(back)) return back;
  }
  return Number.NaN;
}
