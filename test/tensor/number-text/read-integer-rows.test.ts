import fc from "fast-check";
import type { NumericData, NumericDatatype } from "../../../src/tensor/datatype.ts";
import { readNumberArray } from "../../../src/tensor/read-numbers.ts";

/** The elements of a flat array. */
function read(text: string, datatype: NumericDatatype): NumericData {
  const options = { name: "x", datatype, maxElements: 100_000, maxDepth: 1 };
  return readNumberArray(new TextEncoder().encode(text), 0, options).data;
}

function readOne(text: string, datatype: NumericDatatype): number | bigint {
  return read(`[${text}]`, datatype)[0] as number | bigint;
}

const INTEGERS = ["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"] as const;

function rangeOf(datatype: (typeof INTEGERS)[number]): [bigint, bigint] {
  const bits = BigInt(datatype.replace(/\D+/, ""));
  return datatype.startsWith("U") ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

describe("readNumberArray of integers", () => {
  test.each(INTEGERS)("%s are exact over their whole range, and nothing beyond it is taken", (datatype) => {
    const [smallest, largest] = rangeOf(datatype);
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
        fc.bigInt({ min: smallest, max: largest }),
        (any, fitting) => {
          for (const value of [fitting, smallest, largest]) expect(BigInt(readOne(`${value}`, datatype))).toBe(value);
          for (const value of [any, largest + 1n, smallest - 1n]) {
            if (value >= smallest && value <= largest) expect(BigInt(readOne(`${value}`, datatype))).toBe(value);
            else
              expect(() => readOne(`${value}`, datatype)).toThrow(
                `expected a whole number from ${smallest} to ${largest}, got ${value} at`,
              );
          }
        },
      ),
    );
  });

  test("large and small 64-bit integers keep their order, across the chunks in which they are collected", () => {
    const values = Array.from({ length: 10_000 }, (_, i) =>
      i % 7 === 0 ? -(2n ** 63n) + BigInt(i) : BigInt(i - 5000),
    );
    expect([...(read(`[${values.join(",")}]`, "INT64") as BigInt64Array)]).toEqual(values);
  });

  test("may be written with a fraction or an exponent as long as they are whole", () => {
    const texts = ["3.0", "1e3", "1.50e1", "-0.0", "1200e-2", "0e999999999", "0.0e-5", "1E+2", "-7.000"];
    expect([...read(`[${texts.join(",")}]`, "INT32")]).toEqual([3, 1000, 15, 0, 12, 0, 0, 100, -7]);
    expect([...read("[9223372036854775807.0,-9.223372036854775808e18]", "INT64")]).toEqual([
      2n ** 63n - 1n,
      -(2n ** 63n),
    ]);
  });

  test.each([
    "1.5",
    "1e-1",
    "1.0000000000000000000001",
    "1e99999999999",
    "1e-99999999999",
    "true",
    "NaN",
    "-Infinity",
    '"1"',
    "null",
  ])("%s is none", (text) => {
    for (const datatype of INTEGERS)
      expect(() => readOne(text, datatype)).toThrow(/^tensor 'x': expected a whole number from/);
  });

  test("a very long number is refused without long work", () => {
    const text = `1${"0".repeat(300_000)}1`;
    expect(() => readOne(text, "INT64")).toThrow("expected a whole number");
    expect(() => readOne(`${text}.0`, "INT64")).toThrow("expected a whole number");
    expect(() => readOne(text, "FP64")).toThrow("expected a number that FP64 holds");
  });

  test("booleans are true, false, 1 and 0", () => {
    expect([...read("[true,false, 1,0,1.0]", "BOOL")]).toEqual([1, 0, 1, 0, 1]);
    for (const text of ["2", "-1", "tru", "-true", "null", "0.5"])
      expect(() => readOne(text, "BOOL")).toThrow("expected true or false, got");
    for (const datatype of ["FP32", "INT8"] as const)
      expect(() => readOne("true", datatype)).toThrow("got true at byte 1");
  });
});
