import fc from "fast-check";
import { createTensor } from "../../../src/tensor/tensor.ts";
import { formatElements } from "../../../src/tensor/write-numbers.ts";

function float32(value: number): string {
  return Buffer.from(formatElements(createTensor("x", "FP32", [], Float32Array.of(value)), "nested")).toString();
}

/** Digits of a decimal, without the sign, the point, the exponent and zeros at both ends. */
const digitsOf = (text: string): string =>
  text
    .replace(/^-|e.*$/g, "")
    .replace(".", "")
    .replace(/^0+/, "")
    .replace(/0+$/, "");

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Every FP32 is as likely as any other. */
const anyFloat32 = fc
  .integer({ min: 0, max: 0xffffffff })
  .map((bits) => new Float32Array(Uint32Array.of(bits).buffer)[0] as number);

describe("FP32 as text", () => {
  test.each([
    [0.1, "0.1"],
    [-0.1, "-0.1"],
    [1, "1"],
    [-0, "-0.0"],
    [0, "0"],
    [100, "100"],
    [16777216, "16777216"],
    [1 / 3, "0.33333334"],
    [0.003921569, "0.003921569"],
    [1e-5, "1e-5"],
    [1.5e-7, "1.5e-7"],
    [3.4028234663852886e38, "3.4028235e38"],
    [1e-45, "1e-45"],
    [1.1754943508222875e-38, "1.1754944e-38"],
    [123456.789, "123456.79"],
    [1e14, "1e14"],
    [9.8765432e13, "98765430000000"],
    [0.00012345678, "0.00012345678"],
    [255 / 127.5 - 1, "1"],
    [2 ** -14, "6.1035156e-5"],
  ])("%d is written as %s", (value, text) => {
    expect(float32(value)).toBe(text);
  });

  test("reads back as the same bits, in no more digits than are needed, and as the nearest of those", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyFloat32,
          fc.float({ noNaN: true, noDefaultInfinity: true }),
          fc.double({ min: -1000, max: 1000, noNaN: true }).map(Math.fround),
          fc.integer({ min: -999_999, max: 999_999 }).map((whole) => Math.fround(whole / 1000)),
          // Units in the last place are largest here against those of the digits.
          fc.integer({ min: 976_563, max: 999_999 }).map((whole) => Math.fround(whole / 1e9)),
          fc.integer({ min: -149, max: 127 }).map((exponent) => 2 ** exponent),
        ),
        (value) => {
          if (!Number.isFinite(value)) return true;
          const text = float32(value);
          if (!JSON_NUMBER.test(text) || text.length > 15 || Math.fround(Number(text)) !== value) return false;
          let precision = 1;
          while (Math.fround(Number(value.toPrecision(precision))) !== value) precision++;
          return digitsOf(text) === digitsOf(value.toPrecision(precision));
        },
      ),
      { numRuns: 8000 },
    );
  });
});
