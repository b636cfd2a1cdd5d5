import { rowsToTensors, tensorsToByteRows, tensorsToRows } from "../../src/inference/rows-and-tensors.ts";
import { createTensor } from "../../src/tensor/tensor.ts";

const text = (value: string) => new TextEncoder().encode(value);
const seen = (tensors: ReturnType<typeof rowsToTensors>) =>
  tensors.map(({ name, datatype, shape, data }) => [name, datatype, shape, Array.from(data as ArrayLike<unknown>)]);

describe("rows → columns", () => {
  test("bare numbers are one FP64 tensor input-0, whole or not", () => {
    expect(seen(rowsToTensors([5, 3], "input", undefined))).toEqual([["input-0", "FP64", [2], [5, 3]]]);
    expect(seen(rowsToTensors([5.1, 3], "input", undefined))).toEqual([["input-0", "FP64", [2], [5.1, 3]]]);
  });

  test("answers are named output-0", () => {
    expect(rowsToTensors([[1, 2]], "output", undefined)[0]?.name).toBe("output-0");
  });

  test("objects of the same keys become one tensor a key", () => {
    const rows = [
      { age: 30, name: "ann" },
      { age: 41, name: "bo" },
    ];
    expect(seen(rowsToTensors(rows, "input", undefined))).toEqual([
      ["age", "FP64", [2], [30, 41]],
      ["name", "BYTES", [2], [text("ann"), text("bo")]],
    ]);
  });

  test("{b64} is tested first and becomes bytes", () => {
    expect(seen(rowsToTensors([{ b64: "AAE=" }], "input", undefined))).toEqual([
      ["input-0", "BYTES", [1], [new Uint8Array([0, 1])]],
    ]);
  });

  test("a declaration gives the datatype and, when it is the only one, the name", () => {
    const specs = [{ name: "ids", datatype: "INT64" as const, shape: [-1] }];
    expect(seen(rowsToTensors([1, 9007199254740993n], "input", specs))).toEqual([
      ["ids", "INT64", [2], [1n, 9007199254740993n]],
    ]);
  });

  test.each([
    ["a missing key", [{ a: 1 }, { b: 1 }], "instances[1].a"],
    ["another key", [{ a: 1 }, { a: 1, b: 2 }], "instances[1].b"],
    ["a row of another kind", [{ a: 1 }, 5], "instances[1]"],
    ["an empty object", [{}], "instances[0]"],
    ["an integer beyond 2^53 without a declared datatype", [1, 9007199254740993n], "instances[1]"],
    ["ragged rows", [[1, 2], [3]], "instances[1]"],
    ["a null", [1, null], "instances[1]"],
    ["mixed kinds", [1, "a"], "instances[1]"],
  ])("%s is refused by its place", (_, rows, place) => {
    expect(() => rowsToTensors(rows, "input", undefined)).toThrow(place);
  });
});

describe("columns → rows", () => {
  const url = createTensor("url", "BYTES", [2], [text("http://a"), text("http://b")]);

  test("inputs become objects keyed by tensor name", () => {
    expect(tensorsToRows([url], "input")).toEqual([{ url: "http://a" }, { url: "http://b" }]);
  });

  test("a single nameless input gives bare rows", () => {
    const nameless = createTensor("input-0", "FP32", [2, 2], new Float32Array([1, 2, 3, 4]));
    expect(tensorsToRows([nameless], "input")).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("one output gives bare rows, several give objects", () => {
    const scores = createTensor("scores", "FP32", [2], new Float32Array([1, 2]));
    expect(tensorsToRows([scores], "output")).toEqual([1, 2]);
    expect(tensorsToRows([scores, url], "output")).toEqual([
      { scores: 1, url: "http://a" },
      { scores: 2, url: "http://b" },
    ]);
  });

  test("BYTES that are not UTF-8 become {b64}; image schemas always get bytes", () => {
    const bytes = createTensor("image", "BYTES", [1, 1], [new Uint8Array([0xff, 0xd8])]);
    expect(tensorsToRows([bytes], "input")).toEqual([{ image: { b64: "/9g=" } }]);
    expect(tensorsToByteRows([bytes])).toEqual([{ image: new Uint8Array([0xff, 0xd8]) }]);
  });

  test("columns without a common first dimension have no rows", () => {
    const three = createTensor("three", "FP32", [3], new Float32Array(3));
    expect(() => tensorsToRows([url, three], "input")).toThrow("'url' [2], 'three' [3]");
  });
});
