import { Float16Array as ReferenceArray } from "@petamoriken/float16";
import fc from "fast-check";
import {
  fromBfloat16,
  fromBfloat16Array,
  fromFloat16,
  fromFloat16Array,
  toBfloat16,
  toBfloat16Array,
  toFloat16,
  toFloat16Array,
} from "../../../src/tensor/elements/float16.ts";

const ALL_BITS = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

/** Bits of the nearest of all values, ties to even: slow, and plainly right. */
function nearestBits(
  value: number,
  finite: readonly { bits: number; value: number }[],
  overflow: number,
  infinity: number,
): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= overflow) return sign | infinity;
  let low = 0;
  let high = finite.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((finite[middle]?.value as number) <= size) low = middle;
    else high = middle;
  }
  const below = finite[low] as { bits: number; value: number };
  const above = finite[high] as { bits: number; value: number };
  const toBelow = size - below.value;
  const toAbove = above.value - size;
  if (toBelow === toAbove) return sign | (below.bits % 2 === 0 ? below.bits : above.bits);
  return sign | (toBelow < toAbove ? below.bits : above.bits);
}

describe("FP16", () => {
  test("all 65,536 bit patterns stand for the reference's values", () => {
    const reference = new ReferenceArray(ALL_BITS.buffer.slice(0));
    expect(fromFloat16Array(ALL_BITS)).toEqual(Float32Array.from(reference));
    expect(Object.is(fromFloat16(0x8000), -0)).toBe(true);
  });

  test("all of them come back, NaN as NaN", () => {
    const back = toFloat16Array(fromFloat16Array(ALL_BITS));
    for (const bits of ALL_BITS) {
      const isNaN16 = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      if (isNaN16) expect(Number.isNaN(fromFloat16(back[bits] as number))).toBe(true);
      else if (back[bits] !== bits) expect(back[bits]).toBe(bits);
    }
  });

  test("doubles are rounded once, as the reference rounds them: ties, their neighbours, overflow, subnormals", () => {
    const values = fromFloat16Array(ALL_BITS.subarray(0, 0x7c00));
    const doubles: number[] = [
      65504,
      65519.999,
      65520,
      1e300,
      2 ** -25,
      2 ** -24 * 1.5,
      5e-324,
      Number.POSITIVE_INFINITY,
    ];
    for (let i = 0; i + 1 < values.length; i++) {
      const middle = ((values[i] as number) + (values[i + 1] as number)) / 2;
      doubles.push(middle, middle * (1 + 2 ** -52), middle * (1 - 2 ** -53));
    }
    const both = [...doubles, ...doubles.map((value) => -value)];
    const reference = new Uint16Array(new ReferenceArray(both).buffer);
    expect(toFloat16Array(both)).toEqual(reference);
  });

  test("a detour over FP32 would round twice", () => {
    const value = 1 + 2 ** -11 + 2 ** -40;
    expect(toFloat16(value)).toBe(0x3c01);
    expect(toFloat16(Math.fround(value))).toBe(0x3c00);
  });
});

describe("BF16", () => {
  test("all 65,536 bit patterns stand for the FP32 with the same upper half, and come back", () => {
    const values = fromBfloat16Array(ALL_BITS);
    const words = new Uint32Array(values.buffer);
    const back = toBfloat16Array(values);
    for (const bits of ALL_BITS) {
      if (words[bits] !== bits * 65_536) expect(words[bits]).toBe(bits * 65_536);
      if (Number.isNaN(values[bits])) expect(Number.isNaN(fromBfloat16(back[bits] as number))).toBe(true);
      else if (back[bits] !== bits) expect(back[bits]).toBe(bits);
    }
  });

  test("doubles are rounded once, to the nearest, ties to even", () => {
    const finite = [...ALL_BITS.subarray(0, 0x7f80)].map((bits) => ({ bits, value: fromBfloat16(bits) }));
    const overflow = (2 - 2 ** -8) * 2 ** 127;
    const near = fc.integer({ min: 0, max: finite.length - 2 }).chain((i) => {
      const middle = ((finite[i]?.value as number) + (finite[i + 1]?.value as number)) / 2;
      return fc.constantFrom(middle, -middle, middle * (1 + 2 ** -52), middle * (1 - 2 ** -53));
    });
    fc.assert(
      fc.property(
        fc.oneof(near, fc.double({ noNaN: true }), fc.float({ noNaN: true }), fc.constantFrom(overflow, -overflow)),
        (value) => {
          expect(toBfloat16(value)).toBe(nearestBits(value, finite, overflow, 0x7f80));
        },
      ),
      { numRuns: 3000 },
    );
    expect(Number.isNaN(fromBfloat16(toBfloat16(Number.NaN)))).toBe(true);
  });
});
