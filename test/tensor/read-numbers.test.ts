import fc from "fast-check";
import { InferenceError } from "../../src/errors.ts";
import type { NumericDatatype } from "../../src/tensor/datatype.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";
import { flattenNested } from "../../src/tensor/nested/nested-array.ts";
import { readNumber, readNumberArray } from "../../src/tensor/read-numbers.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(
  text: string,
  datatype: NumericDatatype,
  more: { count?: number; maxElements?: number; maxDepth?: number } = {},
) {
  return readNumberArray(encode(text), 0, { name: "x", datatype, maxElements: 1_000_000, maxDepth: 64, ...more });
}

type Outcome = { readonly shape: readonly number[]; readonly values: readonly number[] } | "refused";

function readOrRefuse(text: string): Outcome {
  try {
    const { data, shape, end } = read(text, "FP64");
    return end === text.length ? { shape, values: [...(data as Float64Array)] } : "refused";
  } catch (error) {
    return InferenceError.isInstance(error) ? "refused" : raise(error);
  }
}

/** As `readOrRefuse`, by way of JSON.parse. */
function parseOrRefuse(text: string): Outcome {
  try {
    const rows = JSON.parse(text) as JsonValue[];
    const rank = [...text.replace(/\s/g, "")].findIndex((char) => char !== "[");
    const { data, shape } = flattenNested("x", rows, { name: "x", datatype: "FP64", shape: Array(rank).fill(-1) }, "x");
    const values = [...(data as Float64Array)];
    // JSON.parse makes what is too large infinite.
    return values.every(Number.isFinite) ? { shape, values } : "refused";
  } catch (error) {
    return InferenceError.isInstance(error) || error instanceof SyntaxError ? "refused" : raise(error);
  }
}

function raise(error: unknown): never {
  throw error;
}

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

  test("one wrong byte anywhere is refused where JSON.parse and the rule for rows refuse it, and only there", () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.constantFrom(0.333333, 1e-7),
    );
    const arrays = fc.oneof(
      fc.array(numbers, { maxLength: 4 }),
      fc.array(fc.tuple(numbers, numbers), { maxLength: 3 }),
    );
    const wrong = fc.constantFrom(...'0123456789.,-+eE[]{}"/:;<=>?@ \n\u000bNaIt');
    fc.assert(
      fc.property(arrays, fc.nat(), wrong, fc.boolean(), (array, place, char, replaces) => {
        const text = JSON.stringify(array);
        const at = place % text.length;
        const broken = `${text.slice(0, at)}${char}${text.slice(replaces ? at + 1 : at)}`;
        if (!broken.startsWith("[")) return true;
        expect(readOrRefuse(broken)).toEqual(parseOrRefuse(broken));
        return true;
      }),
      { numRuns: 3000 },
    );
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
