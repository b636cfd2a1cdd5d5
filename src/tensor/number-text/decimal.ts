/** Powers of ten that doubles hold exactly: one multiplication or division by them rounds once. */
export const EXACT_POWERS: Float64Array = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

/** Largest power of ten in the table, and the negative of the smallest. */
export const MAX_POWER = 64;

/** 10^k as the sum of two doubles, right to about 2^-106 of it, and the upper half of the first one's digits. */
interface PowerTable {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly head: Float64Array;
}

/** Splits a double into halves whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

const POWERS: PowerTable = createPowerTable();

/** Far above the error of the arithmetic below, about 2^-103, measured in half units of the last place, 2^-54. */
const DOUBT = 2 ** -40;

/**
 * The double nearest to `(mantissa · 10^tailDigits + tail) · 10^exponent`, where mantissa and tail are whole numbers below
 * 2^53, tail also below 10^tailDigits; NaN when this arithmetic cannot tell. It multiplies pairs of doubles (Dekker 1971)
 * with twice the digits of the result, which decides unless the number lies all but in the middle of two doubles.
 */
export function joinDecimal(mantissa: number, tail: number, tailDigits: number, exponent: number): number {
  if (exponent > MAX_POWER || exponent < -MAX_POWER) return mantissa === 0 && tail === 0 ? 0 : Number.NaN;
  let high = mantissa;
  let low = 0;
  if (tailDigits > 0) {
    const shift = POWERS.high[MAX_POWER + tailDigits] as number;
    const product = mantissa * shift;
    high = product + tail;
    low = productError(mantissa, shift, POWERS.head[MAX_POWER + tailDigits] as number, product);
    low += tail - (high - product);
  }
  const index = MAX_POWER + exponent;
  const power = POWERS.high[index] as number;
  const value = high * power;
  const rest =
    productError(high, power, POWERS.head[index] as number, value) +
    (high * (POWERS.low[index] as number) + low * power);
  const rounded = value + rest * (1 - DOUBT);
  return rounded === value + rest * (1 + DOUBT) ? rounded : Number.NaN;
}

/** Digits of the second of the two parts below. */
export const PART_DIGITS = 8;

const PART = 10 ** PART_DIGITS;

/**
 * `value · 10^exponent` rounded to a whole number, right to about 10^-8 beside a half: `parts[0] · 10^8 + parts[1]`. The
 * result must be below 2^31 · 10^8, the exponent between -64 and 64.
 */
export function scaleToWhole(value: number, exponent: number, parts: Float64Array): void {
  const index = MAX_POWER + exponent;
  const power = POWERS.high[index] as number;
  const product = value * power;
  const error =
    productError(value, power, POWERS.head[index] as number, product) + value * (POWERS.low[index] as number);
  let upper = Math.floor(product / PART);
  const exact = product - upper * PART + error;
  let lower = Math.round(exact);
  // Ties to even, as JavaScript's own conversion has it.
  if (lower - exact === 0.5 && lower % 2 !== 0) lower--;
  if (lower < 0) {
    upper--;
    lower += PART;
  } else if (lower >= PART) {
    upper++;
    lower -= PART;
  }
  parts[0] = upper;
  parts[1] = lower;
}

/**
 * The k of 10^k ≤ value < 10^(k+1).
 * @param binary the same for powers of two, -208 to 208
 */
export function decimalExponent(value: number, binary: number): number {
  // log10(2) is all but 1233 / 4096; the next power of ten tells.
  const estimate = (binary * 1233) >> 12;
  return value >= powerOfTen(estimate + 1) ? estimate + 1 : estimate;
}

/** The double nearest to 10^exponent, from -64 to 64. */
export function powerOfTen(exponent: number): number {
  return POWERS.high[MAX_POWER + exponent] as number;
}

/** What `a * b` loses by rounding, exactly. */
function productError(a: number, b: number, headB: number, product: number): number {
  const split = SPLITTER * a;
  const headA = split - (split - a);
  const tailA = a - headA;
  const tailB = b - headB;
  return headA * headB - product + headA * tailB + tailA * headB + tailA * tailB;
}

function createPowerTable(): PowerTable {
  const size = 2 * MAX_POWER + 1;
  const table = { high: new Float64Array(size), low: new Float64Array(size), head: new Float64Array(size) };
  // Fixed point with 400 binary places: more than enough for what 10^-64 leaves over after two doubles.
  const one = 1n << 400n;
  for (let i = 0; i < size; i++) {
    const k = i - MAX_POWER;
    const exact = k >= 0 ? one * 10n ** BigInt(k) : one / 10n ** BigInt(-k);
    const high = Number(`1e${k}`);
    table.high[i] = high;
    table.low[i] = Number(exact - BigInt(high * 2 ** 400)) * 2 ** -400;
    table.head[i] = SPLITTER * high - (SPLITTER * high - high);
  }
  return table;
}

/** More digits than any 64-bit integer has. */
const TOO_LARGE = 10n ** 20n;

/**
 * A well-formed JSON number as a whole number: `3.0` and `1e3` are; undefined when it is none. What has more than 20
 * digits comes out as ±10^20, which no integer datatype holds.
 */
export function parseWhole(text: string): bigint | undefined {
  const [number = "", exponent = "0"] = text.toLowerCase().split("e");
  const negative = number.startsWith("-");
  const [whole = "", fraction = ""] = number.slice(negative ? 1 : 0).split(".");
  const digits = `${whole}${fraction}`;
  let first = 0;
  while (digits[first] === "0") first++;
  if (first === digits.length) return 0n;
  let last = digits.length;
  while (digits[last - 1] === "0") last--;
  const zeros = digits.length - last + Number(exponent) - fraction.length;
  if (zeros < 0) return undefined;
  const value = last - first + zeros > 20 ? TOO_LARGE : BigInt(digits.slice(first, last)) * 10n ** BigInt(zeros);
  return negative ? -value : value;
}
