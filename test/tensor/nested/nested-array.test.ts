import fc from "fast-check";
import type { InferenceError } from "../../../src/errors.ts";
import { DATATYPES, type Datatype } from "../../../src/tensor/datatype.ts";
import { parseBase64 } from "../../../src/tensor/elements/base64.ts";
import { fromBfloat16Array, fromFloat16Array } from "../../../src/tensor/elements/float16.ts";
import { fromRawBytes } from "../../../src/tensor/elements/raw-elements.ts";
import type { JsonValue } from "../../../src/tensor/json-value.ts";
import { flattenNested, isBase64Object, nestedRows, toNested } from "../../../src/tensor/nested/nested-array.ts";
import { elementCount } from "../../../src/tensor/shape.ts";
import { createTensor, type Tensor, type TensorSpec } from "../../../src/tensor/tensor.ts";

const flatten = (rows: readonly JsonValue[], spec?: TensorSpec): Tensor => flattenNested("x", rows, spec, "instances");
const declared = (datatype: Datatype, shape: readonly number[] = [-1]): TensorSpec => ({ name: "x", datatype, shape });
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function refusal(rows: readonly JsonValue[], spec?: TensorSpec): string {
  try {
    flatten(rows, spec);
  } catch (error) {
    expect((error as InferenceError).status).toBe(400);
    return (error as InferenceError).message;
  }
  throw new Error("nothing was refused");
}

describe("flattenNested without a declaration", () => {
  test("takes numbers as FP64, booleans as BOOL, strings and base64 as BYTES, whatever their values", () => {
    expect(flatten([5, 3])).toEqual(createTensor("x", "FP64", [2], Float64Array.of(5, 3)));
    expect(flatten([5.1, 3])).toEqual(createTensor("x", "FP64", [2], Float64Array.of(5.1, 3)));
    expect(flatten([true, false])).toEqual(createTensor("x", "BOOL", [2], Uint8Array.of(1, 0)));
    expect(flatten(["é", { b64: "/9g=" }])).toEqual(
      createTensor("x", "BYTES", [2], [text("é"), Uint8Array.of(255, 216)]),
    );
    expect(flatten([Number.NaN, Number.POSITIVE_INFINITY, 1e300]).data).toEqual(
      Float64Array.of(Number.NaN, Infinity, 1e300),
    );
  });

  test("stacks rows of any rectangular shape", () => {
    expect(flatten([[[1, 2, 3]], [[4, 5, 6]]])).toEqual(
      createTensor("x", "FP64", [2, 1, 3], Float64Array.of(1, 2, 3, 4, 5, 6)),
    );
    expect(flatten([[], []]).shape).toEqual([2, 0]);
    expect(flatten([[[]], [[]]]).shape).toEqual([2, 1, 0]);
    expect(flatten([])).toEqual(createTensor("x", "FP64", [0], new Float64Array(0)));
  });

  test.each<[JsonValue[], string]>([
    [
      [1, 2, 3, "4"],
      'instances[3]: expected a number (integers beyond 2^53 need a declared datatype), got the string "4"',
    ],
    [[[1], ["2"]], "instances[1][0]: expected a number"],
    [["a", 1], 'instances[1]: expected a string or {"b64": base64}, got 1'],
    [[true, 1], "instances[1]: expected true or false, got 1"],
    [[null], 'instances[0]: expected numbers, booleans, strings, {"b64": base64} or arrays of them, got null'],
    [[1, null], "instances[1]: expected a number (integers beyond 2^53 need a declared datatype), got null"],
    [[[1, 2], [3]], "instances[1]: expected an array of 2 values as instances[0] is, got an array of 1 value"],
    [[[1], 2], "instances[1]: expected an array of 1 value as instances[0] is, got 2"],
    [
      [1, [2]],
      "instances[1]: expected a number (integers beyond 2^53 need a declared datatype), got an array of 1 value",
    ],
    [[[[1], [2, 3]]], "instances[0][1]: expected an array of 1 value as instances[0][0] is, got an array of 2 values"],
    [[[], [1]], "instances[1]: expected an array of 0 values as instances[0] is, got an array of 1 value"],
    [[{ b64: "?" }], 'instances[0]: expected a string or {"b64": base64}, got "?" at character 1, in b64'],
    [
      [{ b64: "QUI=" }, { b64: "QUJDé" }],
      'instances[1]: expected a string or {"b64": base64}, got "é" at character 5, in b64',
    ],
    [[{ b64: "QUI" }], 'instances[0]: expected a string or {"b64": base64}, got 0 "=" at the end, expected 1, in b64'],
    [[{ b64: "data:,QUI=" }], "got a data: URL without ;base64, in b64"],
    [[{ b64: "data:;base64,Q I=" }], 'got " " at character 2 behind the comma, in b64'],
    [[{ a: 1 }], "instances[0]: expected numbers, booleans, strings"],
    [
      [2n ** 53n + 1n],
      "instances[0]: expected a number (integers beyond 2^53 need a declared datatype), got 9007199254740993",
    ],
    [
      [[0], [2 ** 60]],
      "instances[1][0]: expected a number (integers beyond 2^53 need a declared datatype), got 1152921504606847000",
    ],
  ])("%j is refused by the row's name", (rows, message) => {
    expect(refusal(rows)).toContain(message);
  });

  test("another place is named as the caller says", () => {
    expect(() => flattenNested("age", [1, "2"], undefined, (index) => `instances[${index}].age`)).toThrow(
      /^instances\[1\]\.age: expected a number/,
    );
  });

  test("nothing is allocated for rows that only claim to be large", () => {
    const wide = Array.from({ length: 50_000 }, () => 0);
    const rows: JsonValue[] = Array.from({ length: 100_000 }, (_, i) => (i === 0 ? wide : []));
    expect(refusal(rows)).toContain("instances[1]: expected an array of 50000 values");
  });

  test("hostile nesting is refused, not followed", () => {
    let deep: JsonValue = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(refusal([deep])).toBe("instances[0]: nested deeper than 64 arrays");
  });
});

describe("flattenNested with a declaration", () => {
  test("rounds to floats", () => {
    expect(flatten([0.1, 16777217, 2n ** 53n + 1n], declared("FP32")).data).toEqual(
      Float32Array.of(0.1, 16777216, 2 ** 53),
    );
    expect(flatten([0.1, 1], declared("FP16")).data).toEqual(Uint16Array.of(0x2e66, 0x3c00));
    expect(flatten([0.1, 1], declared("BF16")).data).toEqual(Uint16Array.of(0x3dcd, 0x3f80));
    expect(flatten([2 ** 60], declared("FP64")).data).toEqual(Float64Array.of(2 ** 60));
  });

  test.each<[Datatype, JsonValue]>([
    ["FP32", 1e39],
    ["FP16", 65520],
    ["BF16", -3.4e38],
    ["FP64", 10n ** 400n],
    ["FP32", "1"],
    ["FP32", true],
    ["FP64", null],
    ["INT8", 128],
    ["INT8", -129],
    ["UINT8", -1],
    ["INT64", 1.5],
    ["INT64", 2n ** 63n],
    ["UINT64", -1],
    ["INT32", Number.NaN],
    ["INT32", true],
    ["UINT16", "1"],
    ["BOOL", 1],
    ["BOOL", "true"],
    ["BYTES", 1],
    ["BYTES", true],
    ["BYTES", { b64: "a" }],
    ["BYTES", { b64: "YQ==", more: 1 }],
  ])("to %s nothing is forced: %p", (datatype, value) => {
    expect(refusal([value], declared(datatype))).toMatch(/^instances\[0\]: expected .*, got /);
  });

  test("converts to integers exactly, over their whole range", () => {
    for (const [datatype, { range }] of Object.entries(DATATYPES)) {
      if (range === undefined) continue;
      const { data } = flatten([range[0], range[1], 3.0], declared(datatype as Datatype));
      expect(Array.from(data as ArrayLike<number | bigint>, BigInt)).toEqual([range[0], range[1], 3n]);
    }
  });

  test("infinities and NaN that came as such are floats", () => {
    for (const datatype of ["FP32", "FP64"] as const) {
      expect([...(flatten([Infinity, -Infinity, Number.NaN], declared(datatype)).data as Float32Array)]).toEqual([
        Infinity,
        -Infinity,
        Number.NaN,
      ]);
    }
    expect(fromFloat16Array(flatten([Infinity], declared("FP16")).data as Uint16Array)[0]).toBe(Infinity);
    expect(fromBfloat16Array(flatten([-Infinity], declared("BF16")).data as Uint16Array)[0]).toBe(-Infinity);
  });

  test("holds rows to the declared shape, whose first dimension counts them", () => {
    expect(flatten([[1, 2]], declared("INT8", [-1, 2])).shape).toEqual([1, 2]);
    expect(flatten([[1, 2]], declared("INT8", [1, -1])).shape).toEqual([1, 2]);
    expect(refusal([[1, 2, 3]], declared("INT8", [-1, 2]))).toBe("'x': expected shape [-1,2], got [1,3]");
    expect(refusal([1], declared("INT8", [2]))).toBe("'x': expected shape [2], got [1]");
    expect(refusal([[1]], declared("INT8"))).toBe("'x': expected shape [-1], got [1,1]");
    expect(refusal([1, 2], declared("INT8", [-1, 2]))).toBe("'x': expected shape [-1,2], got [2]");
  });

  test("bare values fit a declared column", () => {
    expect(flatten([1, 2], declared("INT8", [-1, 1]))).toEqual(createTensor("x", "INT8", [2, 1], Int8Array.of(1, 2)));
    expect(flatten(["a"], declared("BYTES", [-1, 1, 1])).shape).toEqual([1, 1, 1]);
  });

  test("no rows have the declared shape", () => {
    expect(flatten([], declared("FP32", [-1, 224, -1]))).toEqual(
      createTensor("x", "FP32", [0, 224, 0], new Float32Array(0)),
    );
    expect(refusal([], declared("FP32", [4]))).toBe("'x': expected shape [4], got [0]");
  });
});

describe("nestedRows and toNested", () => {
  test("64-bit integers are numbers where these are exact", () => {
    const tensor = createTensor("x", "INT64", [3], BigInt64Array.of(5n, 2n ** 53n - 1n, 2n ** 53n));
    expect(nestedRows(tensor, "text")).toEqual([5, 2 ** 53 - 1, 2n ** 53n]);
    expect(nestedRows(createTensor("x", "UINT64", [1], BigUint64Array.of(2n ** 64n - 1n)), "text")).toEqual([
      2n ** 64n - 1n,
    ]);
  });

  test("booleans, 16-bit floats and nesting", () => {
    expect(nestedRows(createTensor("x", "BOOL", [2, 1], Uint8Array.of(1, 0)), "text")).toEqual([[true], [false]]);
    expect(toNested(createTensor("x", "FP16", [2], Uint16Array.of(0x3c00, 0xfc00)))).toEqual([1, -Infinity]);
    expect(toNested(createTensor("x", "BF16", [1], Uint16Array.of(0x3dcd)))).toEqual([0.10009765625]);
    expect(toNested(createTensor("x", "INT8", [2, 0, 3], new Int8Array(0)))).toEqual([[], []]);
  });

  test("a scalar is bare, and has no rows", () => {
    const scalar = createTensor("x", "FP32", [], Float32Array.of(0.5));
    expect(toNested(scalar)).toBe(0.5);
    expect(() => nestedRows(scalar, "text")).toThrow(
      "tensor 'x': expected a dimension of rows, got the scalar shape []",
    );
  });

  test("BYTES are text where they are UTF-8, else base64, or bytes on request; another shape gives bare elements", () => {
    const elements = [text("é"), Uint8Array.of(0xff), text("")];
    for (const shape of [[3], [3, 1]]) {
      const tensor = createTensor("x", "BYTES", shape, elements);
      expect(nestedRows(tensor, "text", [3])).toEqual(["é", { b64: "/w==" }, ""]);
      expect(nestedRows(tensor, "bytes", [3])).toEqual(elements);
      expect(nestedRows(tensor, "bytes", [3])[0]).toBe(elements[0]);
    }
    expect(nestedRows(createTensor("x", "BYTES", [1, 3], elements), "text")).toEqual([["é", { b64: "/w==" }, ""]]);
    expect(toNested(createTensor("x", "BYTES", [3, 1], elements))).toEqual([["é"], [{ b64: "/w==" }], [""]]);
  });

  test("a byte order mark is kept", () => {
    expect(nestedRows(createTensor("x", "BYTES", [1], [text("\ufeffa")]), "text")).toEqual(["\ufeffa"]);
  });

  test.each(Object.keys(DATATYPES) as Datatype[])("%s of any shape go there and back", (datatype) => {
    const cases = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
      const count = elementCount(shape);
      const length = count * DATATYPES[datatype].bytes;
      return fc.tuple(
        fc.constant(shape),
        fc.uint8Array({ minLength: length, maxLength: length }),
        fc.array(fc.uint8Array({ maxLength: 6 }), { minLength: count, maxLength: count }),
      );
    });
    fc.assert(
      fc.property(cases, ([shape, bytes, elements]) => {
        const raw = datatype === "BOOL" ? bytes.map((byte) => byte & 1) : bytes;
        const tensor =
          datatype === "BYTES" ? createTensor("x", "BYTES", shape, elements) : fromRawBytes("x", datatype, shape, raw);
        const spec = { name: "x", datatype, shape };
        const back = flatten(nestedRows(tensor, "text") as JsonValue[], spec);
        expect(back.shape).toEqual(shape);
        // A NaN's payload is no value.
        expect(toNested(back)).toEqual(toNested(tensor));
      }),
      { numRuns: 60 },
    );
  });
});

describe("base64", () => {
  test("is taken strictly", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...(parseBase64(Buffer.from(bytes).toString("base64")) as Uint8Array)]).toEqual([...bytes]);
      }),
    );
    const refused = [
      "a",
      "ab",
      "abc",
      "YQ",
      "YQ=",
      "YQ==\n",
      " YQ=",
      "Y=Q=",
      "====",
      "YQ==YQ==",
      "a-_b",
      "ab_=",
      "a\u0000bc",
      "ab c",
      "é===",
      "ŁAAA",
      "䄀AAA",
    ];
    for (const value of refused) expect([value, parseBase64(value)]).toEqual([value, undefined]);
  });

  test("its object has one key and a string", () => {
    expect(
      [{ b64: "" }, { b64: 1 }, { b64: "", a: 1 }, {}, ["b64"], "b64", null, 1].map((value) => isBase64Object(value)),
    ).toEqual([true, false, false, false, false, false, false, false]);
  });
});
