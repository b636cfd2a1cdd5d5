import fc from "fast-check";
import { createTensor } from "../../../src/tensor/tensor.ts";
import { formatElements } from "../../../src/tensor/write-numbers.ts";

function float64(value: number): string {
  return Buffer.from(formatElements(createTensor("x", "FP64", [], Float64Array.of(value)), "nested")).toString();
}

/** Digits of a decimal, without the sign, the point, the exponent and zeros at both ends. */
const digitsOf = (text: string): string =>
  text
    .replace(/^-|e.*$/g, "")
    .replace(".", "")
    .replace(/^0+/, "")
    .replace(/0+$/, "");

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Each bit pattern is as likely as any other. */
const anyFloat32 = fc
  .integer({ min: 0, max: 0xffffffff })
  .map((bits) => new Float32Array(Uint32Array.of(bits).buffer)[0] as number);
const anyFloat64 = fc
  .tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 0xffffffff }))
  .map((halves) => new Float64Array(Uint32Array.from(halves).buffer)[0] as number);

describe("FP64 as text", () => {
  test("reads back as the same bits, in the digits that JavaScript writes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyFloat64,
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.double({ min: -1000, max: 1000, noNaN: true }),
          fc
            .tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -42, max: 42 }))
            .map(([value, exponent]) => value * 10 ** exponent),
          fc.tuple(fc.integer(), fc.integer({ min: 0, max: 30 })).map(([whole, places]) => whole / 10 ** places),
          // Halves of units in the last place: the nearest digits may be two.
          fc
            .bigInt({ min: 2n ** 52n, max: 2n ** 53n })
            .chain((bits) => fc.constantFrom(1, 2, 3, 4).map((n) => Number(bits) / 2 ** n)),
          // Sixteen digits and a zero may lie in the middle between two doubles.
          fc.double({ min: 2 ** 53, max: 2 ** 57, noNaN: true }),
          fc.integer({ min: -1074, max: 1023 }).map((exponent) => 2 ** exponent),
          anyFloat32,
        ),
        (value) => {
          if (!Number.isFinite(value)) return true;
          const text = float64(value);
          if (!JSON_NUMBER.test(text) || text.length > 25 || Number(text) !== value) return false;
          return digitsOf(text) === digitsOf(String(value));
        },
      ),
      { numRuns: 8000 },
    );
  });

  test.each([
    [0.1, "0.1"],
    [5, "5"],
    [-5.25, "-5.25"],
    [9007199254740991, "9007199254740991"],
    [1e21, "1e21"],
    [5e-324, "5e-324"],
    [-0, "-0.0"],
  ])("%d is written as %s", (value, text) => {
    expect(float64(value)).toBe(text);
  });
});
