/** Precision of a 16-bit float: digits of its mantissa without the leading one, and its exponent's range. */
interface Float16Format {
  readonly mantissaBits: number;
  readonly minExponent: number;
  readonly maxExponent: number;
  /** Bits of +Infinity. */
  readonly infinity: number;
}

const BINARY16: Float16Format = { mantissaBits: 10, minExponent: -14, maxExponent: 15, infinity: 0x7c00 };
const BRAIN16: Float16Format = { mantissaBits: 7, minExponent: -126, maxExponent: 127, infinity: 0x7f80 };

/** Adding and taking away this number rounds a smaller one to a whole number, ties to even. */
const ROUND_TO_WHOLE = 2 ** 52;

/** IEEE 754 binary16 bits of each number, rounded to nearest, ties to even; too large ones become infinite. */
export function toFloat16Array(values: ArrayLike<number>): Uint16Array {
  return toBits(values, BINARY16);
}

/** The numbers that IEEE 754 binary16 bits stand for; FP32 holds each exactly. */
export function fromFloat16Array(bits: ArrayLike<number>): Float32Array {
  const values = new Float32Array(bits.length);
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i] as number;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 0x1f;
    const mantissa = half & 0x3ff;
    if (exponent === 0) values[i] = (sign === 0 ? mantissa : -mantissa) * 2 ** -24;
    else words[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (mantissa << 13);
  }
  return values;
}

/** bfloat16 bits of each number, rounded to nearest, ties to even; too large ones become infinite. */
export function toBfloat16Array(values: ArrayLike<number>): Uint16Array {
  return toBits(values, BRAIN16);
}

/** The numbers that bfloat16 bits stand for; FP32 holds each exactly. */
export function fromBfloat16Array(bits: ArrayLike<number>): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = (bits[i] as number) << 16;
  return new Float32Array(words.buffer);
}

/** One number as binary16 bits; use `toFloat16Array` for many. */
export function toFloat16(value: number): number {
  return toFloat16Array([value])[0] as number;
}

/** One number from binary16 bits; use `fromFloat16Array` for many. */
export function fromFloat16(bits: number): number {
  return fromFloat16Array([bits])[0] as number;
}

/** One number as bfloat16 bits; use `toBfloat16Array` for many. */
export function toBfloat16(value: number): number {
  return toBfloat16Array([value])[0] as number;
}

/** One number from bfloat16 bits; use `fromBfloat16Array` for many. */
export function fromBfloat16(bits: number): number {
  return fromBfloat16Array([bits])[0] as number;
}

/** Rounds each double once: going through FP32 would round twice. */
function toBits(values: ArrayLike<number>, format: Float16Format): Uint16Array {
  const bits = new Uint16Array(values.length);
  const scratch = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < values.length; i++) bits[i] = bitsOf(values[i] as number, format, scratch);
  return bits;
}

function bitsOf(value: number, format: Float16Format, scratch: DataView): number {
  const { mantissaBits, minExponent, maxExponent, infinity } = format;
  scratch.setFloat64(0, value);
  const high = scratch.getUint32(0);
  const sign = (high >>> 16) & 0x8000;
  if (Number.isNaN(value)) return sign | infinity | (1 << (mantissaBits - 1));
  const exponent = Math.max(((high >>> 20) & 0x7ff) - 1023, minExponent);
  if (exponent > maxExponent) return sign | infinity;
  const scaled = Math.abs(value) * 2 ** (mantissaBits - exponent);
  const whole = scaled + ROUND_TO_WHOLE - ROUND_TO_WHOLE;
  // A mantissa that rounds up to the next power of two carries into the exponent by itself, up to infinity.
  return sign | (((exponent - minExponent) << mantissaBits) + whole);
}
