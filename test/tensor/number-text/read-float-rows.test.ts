import fc from "fast-check";
import type { NumericData, NumericDatatype } from "../../../src/tensor/datatype.ts";
import {
  fromBfloat16Array,
  fromFloat16Array,
  toBfloat16Array,
  toFloat16Array,
} from "../../../src/tensor/elements/float16.ts";
import { type ReadNumbersOptions, readNumberArray } from "../../../src/tensor/read-numbers.ts";

/** The elements of a flat array. */
function read(text: string, datatype: NumericDatatype, more: Partial<ReadNumbersOptions> = {}): NumericData {
  const options = { name: "x", datatype, maxElements: 100, maxDepth: 1, ...more };
  return readNumberArray(new TextEncoder().encode(text), 0, options).data;
}

/** As JSON.stringify, but keeping the sign of zero. */
function formatArray(values: readonly number[]): string {
  return `[${values.map((value) => (Object.is(value, -0) ? "-0" : value)).join(",")}]`;
}

function readOne(text: string, datatype: NumericDatatype): number {
  return read(`[${text}]`, datatype)[0] as number;
}

/** Texts of numbers as JSON's grammar allows them, with digits and exponents that doubles find hard. */
const digits = (maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength }).map((list) => list.join(""));
const numberText = fc
  .record({
    sign: fc.constantFrom("", "-"),
    whole: fc.oneof(
      fc.constant("0"),
      digits(22).map((text) => text.replace(/^0+(?=\d)/, "")),
    ),
    fraction: fc.option(digits(30), { nil: undefined }),
    exponent: fc.option(
      fc.tuple(fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), fc.integer({ min: 0, max: 330 })),
      {
        nil: undefined,
      },
    ),
  })
  .map(
    ({ sign, whole, fraction, exponent }) =>
      `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${exponent?.join("") ?? ""}`,
  );

/** True when the text of a number is read as JSON.parse reads it; what JSON.parse makes infinite must be refused. */
function readsAsJson(text: string): boolean {
  const expected = JSON.parse(text) as number;
  if (Number.isFinite(expected)) return Object.is(readOne(text, "FP64"), expected);
  expect(() => readOne(text, "FP64")).toThrow("expected a number that FP64 holds");
  return true;
}

describe("readNumberArray: floats", () => {
  test("are the ones that JSON.parse reads, for any text of a number", () => {
    fc.assert(fc.property(numberText, readsAsJson), { numRuns: 8000 });
  });

  test("come back from the shortest text of any double, moderate ones above all, and from longer ones", () => {
    const moderate = fc.tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -70, max: 70 }));
    const doubles = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      moderate.map(([value, exponent]) => value * 10 ** exponent),
    );
    fc.assert(
      fc.property(doubles, fc.integer({ min: 14, max: 20 }), (value, places) => {
        return readsAsJson(`${value}`) && readsAsJson(value.toExponential(places).replace("e+309", "e+308"));
      }),
      { numRuns: 8000 },
    );
  });

  test("are right in the middle between two doubles and all but there", () => {
    // Odd numbers of 54 bits, divided by powers of two: every text is exact, and each value lies between two doubles.
    const middles = fc.tuple(fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n - 1n }), fc.integer({ min: 1, max: 13 }));
    fc.assert(
      fc.property(
        middles,
        fc.constantFrom("", "0", "1", "0000001"),
        fc.integer({ min: -2, max: 2 }),
        ([bits, n], more, shift) => {
          const digits = ((bits | 1n) * 5n ** BigInt(n)).toString();
          const text = `${digits.slice(0, -n)}.${digits.slice(-n)}`;
          const below = (BigInt(digits) * 10n - 1n).toString();
          return (
            readsAsJson(text + more) &&
            readsAsJson(`${digits}e${shift - n}`) &&
            readsAsJson(`${below.slice(0, -n - 1)}.${below.slice(-n - 1)}`)
          );
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("keep the sign of zero and round to FP32 as a Float32Array does", () => {
    const zeros = [...read("[-0, 0, -0.0, -0e5]", "FP64")].map((value) => Object.is(value, -0));
    expect(zeros).toEqual([true, false, true, true]);
    fc.assert(
      fc.property(fc.double({ min: -3.4028234663852886e38, max: 3.4028234663852886e38, noNaN: true }), (value) => {
        return readOne(`${value}`, "FP32") === Math.fround(JSON.parse(`${value}`) as number);
      }),
    );
  });

  test("take the bare words that Triton and Python write", () => {
    expect([...read("[NaN, Infinity ,-Infinity,1]", "FP32")]).toEqual([Number.NaN, Infinity, -Infinity, 1]);
    expect([...fromFloat16Array(read("[NaN,-Infinity]", "FP16") as Uint16Array)]).toEqual([Number.NaN, -Infinity]);
  });

  test("take null for NaN where that is asked for", () => {
    const nullIsNaN = true;
    expect([...read("[1,null, null ]", "FP32", { nullIsNaN })]).toEqual([1, Number.NaN, Number.NaN]);
    for (const text of ["[-null]", "[nul]", "[nulls]"]) {
      expect(() => read(text, "FP32", { nullIsNaN })).toThrow("tensor 'x'");
    }
    expect(() => read("[null]", "INT8", { nullIsNaN })).toThrow("got null");
  });

  test("refuse integers that they would round where nobody declared them", () => {
    const exactIntegers = true;
    const exact = [
      `${2 ** 53 - 1}`,
      `${1 - 2 ** 53}`,
      "1e20",
      "1e300",
      "9007199254740991.5e-1",
      "0.1234567890123456789",
    ];
    for (const text of exact) {
      expect([...read(`[${text}]`, "FP64", { exactIntegers })]).toEqual([Number(text)]);
    }
    for (const text of ["9007199254740992", "-9007199254740993", "1e16", "18446744073709551615", "1".padEnd(25, "0")]) {
      expect(() => read(`[${text}]`, "FP64", { exactIntegers })).toThrow(
        `expected a number (integers beyond 2^53 need a declared datatype), got ${text} at byte 1`,
      );
      expect([...read(`[${text}]`, "FP64")]).toEqual([Number(text)]);
    }
  });

  test.each([
    ["FP16", toFloat16Array, fromFloat16Array],
    ["BF16", toBfloat16Array, fromBfloat16Array],
  ] as const)("are rounded once to %s", (datatype, toBits, fromBits) => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -60_000, max: 60_000, noNaN: true }), { maxLength: 9 }), (values) => {
        const bits = read(formatArray(values), datatype);
        expect(bits).toEqual(toBits(values));
        expect(read(formatArray([...fromBits(bits as Uint16Array)]), datatype)).toEqual(bits);
      }),
    );
  });

  test.each([
    ["FP16", "65519.9", "65520"],
    ["BF16", "3.3961775292304596e38", "3.39617752923046e38"],
    ["FP32", "3.4028235677973362e38", "3.4028235677973367e38"],
    ["FP64", "1.7976931348623157e308", "1e309"],
  ] as const)("that are too large for %s are refused, never made infinite", (datatype, largest, tooLarge) => {
    const toNumbers = { FP16: fromFloat16Array, BF16: fromBfloat16Array };
    for (const sign of ["", "-"]) {
      const data = read(`[${sign}${largest}]`, datatype) as Uint16Array;
      const [value] = datatype === "FP16" || datatype === "BF16" ? toNumbers[datatype](data) : data;
      expect(Number.isFinite(value)).toBe(true);
      expect(() => read(`[${sign}${tooLarge}]`, datatype)).toThrow(
        `expected a number that ${datatype} holds, got ${sign}${tooLarge} at byte 1`,
      );
    }
  });
});
