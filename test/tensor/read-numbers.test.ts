import fc from "fast-check";
import type { NumericDatatype } from "../../src/tensor/datatype.ts";
import { fromBfloat16Array, fromFloat16Array, toBfloat16Array, toFloat16Array } from "../../src/tensor/float16.ts";
import { readNumber, readNumberArray } from "../../src/tensor/read-numbers.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(
  text: string,
  datatype: NumericDatatype,
  more: { count?: number; maxElements?: number; maxDepth?: number } = {},
) {
  return readNumberArray(encode(text), 0, { name: "x", datatype, maxElements: 1_000_000, maxDepth: 64, ...more });
}

/** As JSON.stringify, but keeping the sign of zero. */
function formatArray(values: readonly number[]): string {
  return `[${values.map((value) => (Object.is(value, -0) ? "-0" : value)).join(",")}]`;
}

function readOne(text: string, datatype: NumericDatatype): number | bigint {
  return read(`[${text}]`, datatype).data[0] as number | bigint;
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

describe("readNumberArray: doubles", () => {
  test("are the ones that JSON.parse reads, for any text of a number", () => {
    fc.assert(
      fc.property(numberText, (text) => {
        const expected = JSON.parse(text) as number;
        if (Number.isFinite(expected)) expect(readOne(text, "FP64")).toBe(expected);
        else expect(() => readOne(text, "FP64")).toThrow("expected a number that FP64 holds");
      }),
      { numRuns: 5000 },
    );
  });

  test("come back from the shortest text of any double, moderate ones above all", () => {
    const moderate = fc.tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -70, max: 70 }));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          moderate.map(([value, exponent]) => value * 10 ** exponent),
        ),
        fc.integer({ min: 0, max: 3 }),
        (value, padding) => {
          expect(readOne(Object.is(value, -0) ? "-0" : `${value}`, "FP64")).toBe(value);
          // Digits that change nothing lead to another branch.
          const text = value.toExponential(16).replace("e", `${"0".repeat(padding)}e`);
          expect(readOne(text, "FP64")).toBe(Number(text));
        },
      ),
      { numRuns: 5000 },
    );
  });

  test("are right beside and in the middle between two doubles", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 60n }), fc.integer({ min: 0, max: 12 }), (value, places) => {
        const whole = value.toString();
        const text = `${whole.slice(0, whole.length - places)}.${whole.slice(whole.length - places)}0`;
        expect(readOne(text, "FP64")).toBe(Number(text));
      }),
      { numRuns: 3000 },
    );
    // 2^53 + 1 lies in the middle; what follows decides.
    for (const text of [
      "9007199254740993.0",
      "9007199254740993.0000001",
      "900719925474099.3e1",
      "9007199254740992.9999999",
    ]) {
      expect(readOne(text, "FP64")).toBe(Number(text));
    }
  });

  test("keep the sign of zero and round to FP32 as a Float32Array does", () => {
    expect([...read("[-0, 0, -0.0, -0e5]", "FP64").data].map((value) => Object.is(value, -0))).toEqual([
      true,
      false,
      true,
      true,
    ]);
    fc.assert(
      fc.property(fc.double({ min: -3.4028234663852886e38, max: 3.4028234663852886e38, noNaN: true }), (value) => {
        expect(readOne(`${value}`, "FP32")).toBe(Math.fround(JSON.parse(`${value}`) as number));
      }),
    );
  });

  test("take the bare words that Triton and Python write", () => {
    expect([...read("[NaN, Infinity ,-Infinity,1]", "FP32").data]).toEqual([Number.NaN, Infinity, -Infinity, 1]);
    expect([...fromFloat16Array(read("[NaN,-Infinity]", "FP16").data as Uint16Array)]).toEqual([Number.NaN, -Infinity]);
  });

  test("take null for NaN where that is asked for", () => {
    const options = { name: "x", maxElements: 9, maxDepth: 1, nullIsNaN: true } as const;
    expect([...readNumberArray(encode("[1,null, null ]"), 0, { ...options, datatype: "FP32" }).data]).toEqual([
      1,
      Number.NaN,
      Number.NaN,
    ]);
    for (const text of ["[-null]", "[nul]", "[nulls]"])
      expect(() => readNumberArray(encode(text), 0, { ...options, datatype: "FP32" })).toThrow("tensor 'x'");
    expect(() => readNumberArray(encode("[null]"), 0, { ...options, datatype: "INT8" })).toThrow("got null");
  });

  test("refuse integers that they would round where nobody declared them", () => {
    const options = { name: "x", datatype: "FP64", maxElements: 9, maxDepth: 1 } as const;
    for (const text of [
      "9007199254740991",
      "-9007199254740991",
      "1e20",
      "1e300",
      "9007199254740991.5e-1",
      "0.1234567890123456789",
    ]) {
      expect([...readNumberArray(encode(`[${text}]`), 0, { ...options, exactIntegers: true }).data]).toEqual([
        Number(text),
      ]);
    }
    for (const text of [
      "9007199254740992",
      "-9007199254740993",
      "1e16",
      "18446744073709551615",
      "100000000000000000000000",
    ]) {
      expect(() => readNumberArray(encode(`[${text}]`), 0, { ...options, exactIntegers: true })).toThrow(
        `expected a number (integers beyond 2^53 need a declared datatype), got ${text} at byte 1`,
      );
      expect([...readNumberArray(encode(`[${text}]`), 0, options).data]).toEqual([Number(text)]);
    }
  });

  test.each([
    ["FP16", toFloat16Array, fromFloat16Array],
    ["BF16", toBfloat16Array, fromBfloat16Array],
  ] as const)("are rounded once to %s", (datatype, toBits, fromBits) => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -60_000, max: 60_000, noNaN: true }), { maxLength: 9 }), (values) => {
        const { data } = read(formatArray(values), datatype);
        expect(data).toEqual(toBits(values));
        expect(read(formatArray([...fromBits(data as Uint16Array)]), datatype).data).toEqual(data);
      }),
    );
  });

  test.each([
    ["FP16", "65519.9", "65520"],
    ["BF16", "3.3961775292304596e38", "3.39617752923046e38"],
    ["FP32", "3.4028235677973362e38", "3.4028235677973367e38"],
    ["FP64", "1.7976931348623157e308", "1e309"],
  ] as const)("that are too large for %s are refused, never made infinite", (datatype, largest, tooLarge) => {
    for (const sign of ["", "-"]) {
      const { data } = read(`[${sign}${largest}]`, datatype);
      const values =
        datatype === "FP16"
          ? fromFloat16Array(data as Uint16Array)
          : datatype === "BF16"
            ? fromBfloat16Array(data as Uint16Array)
            : data;
      expect(Number.isFinite(values[0])).toBe(true);
      expect(() => read(`[${sign}${tooLarge}]`, datatype)).toThrow(
        `expected a number that ${datatype} holds, got ${sign}${tooLarge} at byte 1`,
      );
    }
  });
});

const INTEGERS = ["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"] as const;

function rangeOf(datatype: (typeof INTEGERS)[number]): [bigint, bigint] {
  const bits = BigInt(datatype.replace(/\D+/, ""));
  return datatype.startsWith("U") ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

describe("readNumberArray: integers", () => {
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
    expect([...(read(`[${values.join(",")}]`, "INT64").data as BigInt64Array)]).toEqual(values);
  });

  test("may be written with a fraction or an exponent as long as they are whole", () => {
    const texts = ["3.0", "1e3", "1.50e1", "-0.0", "1200e-2", "0e999999999", "0.0e-5", "1E+2", "-7.000"];
    expect([...read(`[${texts.join(",")}]`, "INT32").data]).toEqual([3, 1000, 15, 0, 12, 0, 0, 100, -7]);
    expect([...read("[9223372036854775807.0,-9.223372036854775808e18]", "INT64").data]).toEqual([
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
    expect([...read("[true,false, 1,0,1.0]", "BOOL").data]).toEqual([1, 0, 1, 0, 1]);
    for (const text of ["2", "-1", "tru", "-true", "null", "0.5"])
      expect(() => readOne(text, "BOOL")).toThrow("expected true or false, got");
    for (const datatype of ["FP32", "INT8"] as const)
      expect(() => readOne("true", datatype)).toThrow("got true at byte 1");
  });
});

/** A rectangular array with its shape; sizes may be 0. */
const nested = fc
  .array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 })
  .chain((shape) => {
    const inner = shape.indexOf(0) === -1 ? shape : shape.slice(0, shape.indexOf(0) + 1);
    return fc.tuple(fc.constant(inner), fc.infiniteStream(fc.integer({ min: -999, max: 999 })));
  })
  .map(([shape, values]) => {
    const flat: number[] = [];
    const build = (level: number): unknown => {
      if (level === shape.length) {
        const value = values.next().value as number;
        flat.push(value);
        return value;
      }
      return Array.from({ length: shape[level] as number }, () => build(level + 1));
    };
    return { value: build(0), shape, flat };
  });

describe("readNumberArray: nesting", () => {
  test("gives the shape and the elements in order, whatever the white space", () => {
    const gap = fc.constantFrom("", " ", "\n\t", "\r\n  ");
    fc.assert(
      fc.property(
        nested,
        fc.array(gap, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        ({ value, shape, flat }, gaps, counted) => {
          let n = 0;
          const text = JSON.stringify(value)
            .replace(/[[\],]/g, (mark) => `${gaps[n++ % gaps.length]}${mark}${gaps[n++ % gaps.length]}`)
            .trim();
          const bytes = encode(`"before":${text},"after":1`);
          for (const datatype of ["FP32", "INT16"] as const) {
            const options = {
              name: "x",
              datatype,
              maxElements: 1000,
              maxDepth: 4,
              ...(counted ? { count: flat.length } : {}),
            };
            const result = readNumberArray(bytes, 9, options);
            expect(result.shape).toEqual(shape);
            expect([...result.data]).toEqual(flat);
            expect(result.end).toBe(9 + text.length);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("many rows in many chunks, with and without a known count", () => {
    const rows = Array.from({ length: 3000 }, (_, i) => [i, i + 0.5, -1 - i]);
    for (const count of [undefined, 9000]) {
      const { data, shape } = read(JSON.stringify(rows), "FP32", count === undefined ? {} : { count });
      expect(shape).toEqual([3000, 3]);
      expect([...data]).toEqual(rows.flat());
      expect(data.byteLength).toBe(36_000);
      expect(data.buffer.byteLength).toBe(36_000);
    }
  });

  test.each([
    ["[[1,2],[3]]", "expected 2 values in each array, as in the first, got 1 at byte 9"],
    ["[[1],[2,3]]", "expected 1 values in each array, as in the first, got 2 at byte 9"],
    ["[[1],[2],[]]", "expected 1 values in each array, as in the first, got 0 at byte 10"],
    ["[[[1]],[]]", 'expected an array as before, got "]" at byte 8'],
    ["[[[1,1]],[[1,1],[2,2]]]", "expected 1 values in each array, as in the first, got 2 at byte 21"],
    ["[[1],2]", "expected an array as before, got 2 at byte 5"],
    ["[1,[2]]", "expected a number that FP32 holds, got an array at byte 3"],
    ["[[1],[[2]]]", "got an array at byte 6"],
    ["[[],[[]]]", "expected a number as before, got an array at byte 5"],
    ["[1,]", 'expected a number that FP32 holds, got "]" at byte 3'],
    ["[[1],]", 'expected an array as before, got "]" at byte 5'],
    ["[,1]", 'got "," at byte 1'],
    ["[1 2]", "expected ',' or ']' after a number, got 2 at byte 3"],
    ["[[1][2]]", "expected ',' or ']' after an array, got an array at byte 4"],
    ["[1", "expected ',' or ']' after a number, got the end of the text at byte 2"],
    ["[1,", "got the end of the text at byte 3"],
    ["[", "got the end of the text at byte 1"],
    ["[[1]", "expected ',' or ']' after an array, got the end of the text at byte 4"],
    ["[[1],", "expected an array as before, got the end of the text at byte 5"],
    ["[01]", "expected ',' or ']' after a number, got 1 at byte 2"],
    ["[1.]", 'expected a digit after the decimal point, got "]" at byte 3'],
    ["[1.e5]", "expected a digit after the decimal point, got e5 at byte 3"],
    ["[1e]", 'expected a digit, got "]" at byte 3'],
    ["[1e+]", 'expected a digit, got "]" at byte 4'],
    ["[.5]", "got .5 at byte 1"],
    ["[+1]", "got +1 at byte 1"],
    ["[--1]", "got --1 at byte 1"],
    ["[-]", "got - at byte 1"],
    ["[-NaN]", "got -NaN at byte 1"],
    ["[Inf]", "got Inf at byte 1"],
    ["[1, null]", "expected a number that FP32 holds, got null at byte 4"],
    ['["1"]', "got a string at byte 1"],
    ["[{}]", "got an object at byte 1"],
    ["[0x10]", "expected ',' or ']' after a number, got x10 at byte 2"],
    ["5", "expected '[', got 5 at byte 0"],
    ["[1\u00a0]", "at byte 2"],
  ])("%j is refused with its place", (text, message) => {
    expect(() => read(text, "FP32")).toThrow(message);
    expect(() => read(text, "FP32")).toThrow("tensor 'x': ");
    expect(() => read(text, "INT32")).toThrow("tensor 'x': ");
  });

  test("what is cut off anywhere is refused, and never read beyond its end", () => {
    const text = "[[1.25, -3e2], [NaN, 123456789.123456789]]";
    const whole = encode(`${text}]],5]]`);
    for (let length = 1; length < text.length; length++) {
      expect(() =>
        readNumberArray(whole.subarray(0, length), 0, { name: "x", datatype: "FP64", maxElements: 9, maxDepth: 9 }),
      ).toThrow("tensor 'x'");
    }
  });

  test("limits are kept before memory is taken", () => {
    expect(() => read(`${"[".repeat(5)}1${"]".repeat(5)}`, "FP32", { maxDepth: 4 })).toThrow(
      "expected at most 4 nested arrays",
    );
    expect(() => read("[".repeat(1_000_000), "FP32")).toThrow("expected at most 64 nested arrays");
    const ten = JSON.stringify(Array.from({ length: 10 }, (_, i) => i));
    expect(read(ten, "FP32", { maxElements: 10 }).data.length).toBe(10);
    expect(() => read(ten, "FP32", { maxElements: 9 })).toThrow("expected at most 9 elements, got more");
    expect(() => read("[1]", "FP32", { maxElements: 0 })).toThrow("expected at most 0 elements, got more");
    expect(() => read(ten, "FP32", { count: 11 })).toThrow("expected 11 elements, got 10");
    expect(() => read(ten, "INT64", { count: 9 })).toThrow("expected 9 elements, got more");
    expect(() => read("[9007199254740993,9007199254740993]", "INT64", { count: 1 })).toThrow(
      "expected 1 elements, got more",
    );
    expect(() => read("[1,2]", "FP32", { count: 2 ** 45, maxElements: 2 ** 50 })).toThrow(
      "expected 35184372088832 elements, got 2",
    );
  });
});

describe("readNumber", () => {
  test.each([
    ["5", "INT8", 5],
    ["-1.5e3,", "FP32", -1500],
    ["true}", "BOOL", 1],
    ["-Infinity ", "FP64", -Infinity],
    ["18446744073709551615]", "UINT64", 2n ** 64n - 1n],
  ] as const)("reads %j", (text, datatype, value) => {
    const result = readNumber(encode(`  ${text}`), 2, { name: "x", datatype });
    expect([...result.data]).toEqual([value]);
    expect(result.shape).toEqual([]);
    expect(result.end).toBe(2 + text.replace(/[,} \]]$/, "").length);
  });

  test.each(["", "]", ",", "[1]", "null", '"1"', "1x", "--1", "1.", "300"])("refuses %j and says where", (text) => {
    expect(() => readNumber(encode(`  ${text}`), 2, { name: "x", datatype: "INT8" })).toThrow(
      /^tensor 'x': .* at byte [2-4]/,
    );
  });
});
