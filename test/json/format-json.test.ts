import { Buffer } from "node:buffer";
import fc from "fast-check";
import { formatJson } from "../../src/json/format-json.ts";
import { parseJson } from "../../src/json/parse-json.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";

test("integers are written to the last digit, and zero with its sign", () => {
  const value = { a: [18446744073709551615n, -9007199254740993n, 1], "b\n": { c: "é" }, d: -0 };
  expect(formatJson(value)).toBe('{"a":[18446744073709551615,-9007199254740993,1],"b\\n":{"c":"é"},"d":-0}');
});

test("undefined members are left out, with a bigint beside them and without", () => {
  const value = { a: 1, b: undefined } as unknown as JsonValue;
  expect(formatJson(value)).toBe('{"a":1}');
  expect(formatJson([value, 1n])).toBe('[{"a":1},1]');
});

test("a date is written as JSON.stringify does, with a bigint beside it and without", () => {
  const date = new Date(0) as unknown as JsonValue;
  expect(formatJson([date])).toBe('["1970-01-01T00:00:00.000Z"]');
  expect(formatJson([date, 1n])).toBe('["1970-01-01T00:00:00.000Z",1]');
});

test.each([
  [{ scores: [1, Number.NaN] }, "predictions.scores[1]: NaN has no JSON form"],
  [[Number.NEGATIVE_INFINITY], "predictions[0]: -Infinity has no JSON form"],
  [[1n, { a: Number.NaN }], "predictions[1].a: NaN has no JSON form"],
  [{ a: Float32Array.of(1) }, "predictions.a: Float32Array has no JSON form"],
  [[undefined], "predictions[0]: undefined has no JSON form"],
  [{ a: () => 1 }, "predictions.a: function has no JSON form"],
  [{ a: new Map([["b", 1]]) }, "predictions.a: Map has no JSON form"],
  [[new Set([1])], "predictions[0]: Set has no JSON form"],
  [[1n, new Error("e")], "predictions[1]: Error has no JSON form"],
  [new ArrayBuffer(8), "predictions: ArrayBuffer has no JSON form"],
])("%p is refused by its place", (value, message) => {
  expect(() => formatJson(value as unknown as JsonValue, "predictions")).toThrow(message);
});

test("what was written is read back as it was", () => {
  const leaf = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n) || Number.isSafeInteger(n)),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
  );
  const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("value")), fc.dictionary(fc.string(), tie("value"))),
  }));
  fc.assert(
    fc.property(value, (original) => {
      expect(parseJson(Buffer.from(formatJson(original)), { maxDepth: 64 })).toEqual(original);
    }),
  );
});
