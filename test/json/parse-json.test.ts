import { Buffer } from "node:buffer";
import fc from "fast-check";
import { MAX_CONTAINERS } from "../../src/json/inspect-json.ts";
import { JsonParser } from "../../src/json/json-parser.ts";
import { parseJson } from "../../src/json/parse-json.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";

const parse = (text: string | Uint8Array, maxDepth = 8) => parseJson(Buffer.from(text as string), { maxDepth });
/** What JSON.parse is spared, read by the parser that is exact. */
const parseStrictly = (text: string): JsonValue => {
  const bytes = Buffer.from(text);
  return new JsonParser(bytes, 0, bytes.length, 64).parse();
};

test.each([
  ["9007199254740991", 9007199254740991],
  ["9007199254740993", 9007199254740993n],
  ["-9223372036854775808", -9223372036854775808n],
  ["18446744073709551615", 18446744073709551615n],
  ["[1234567890123456]", [1234567890123456]],
  ["1234567890123456789.5", 1234567890123456800],
  ["0.12345678901234567", 0.12345678901234566],
  ["NaN", Number.NaN],
  ["[Infinity,-Infinity]", [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
  ["-0", -0],
  [' \t\r\n"NaN Infinity 12345678901234567890"', "NaN Infinity 12345678901234567890"],
  ["\uFEFF[1]", [1]],
])("%s is read as %p", (text, value) => {
  expect(parse(text)).toEqual(value);
});

test("__proto__ is a key like others, read either way", () => {
  for (const text of ['{"__proto__":{"a":1}}', '{"__proto__":{"a":12345678901234567}}']) {
    const value = parse(text) as object;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  }
});

test.each([
  ["", "expected a value, got the end at byte 0"],
  ["[1,]", "expected a value, got ']' at byte 3"],
  ["[1", "expected ']', got the end at byte 2"],
  ['{"a"}', "expected ':', got '}' at byte 4"],
  ['{"a":1,}', "expected a key, got '}' at byte 7"],
  ["{a:1}", "expected a key, got 'a' at byte 1"],
  ["[1 2]", "expected ',' or ']', got '2' at byte 3"],
  ["[01]", "a number with a leading zero at byte 1"],
  ["[1.]", "expected a digit, got ']' at byte 3"],
  ["[-]", "expected a value, got ']' at byte 2"],
  ["[nul]", "expected a value, got 'n' at byte 1"],
  ["[1]]", "expected the end, got ']' at byte 3"],
  ["[1e999]", "a number beyond the range of FP64 at byte 1"],
  [`[${"1".repeat(500)}]`, "an integer of more than 400 digits at byte 1"],
  ['["\\x"]', "a string with an escape that JSON does not know at byte 1"],
  ['["a\nb"]', "byte 0x0a in a string, which must be escaped at byte 3"],
  ['["abc', "a string without an end at byte 1"],
])("%s is refused with its place", (text, message) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ status: 400, message: `body is not JSON: ${message}` }));
});

test("text that is not UTF-8 is refused where it stops being so, or its strings are base64", () => {
  const bytes = Buffer.from([0x5b, 0x22, 0xc3, 0xa9, 0xff, 0x22, 0x2c, 0x22, 0x61, 0x22, 0x5d]);
  expect(() => parse(bytes)).toThrow("body is not JSON: text that is not UTF-8 at byte 4");
  expect(parseJson(bytes, { maxDepth: 4, rawBytes: "base64" })).toEqual([{ b64: "w6n/" }, "a"]);
});

test("nesting is held to the limit, and brackets in strings are none", () => {
  expect(parse("[[[1]]]", 3)).toEqual([[[1]]]);
  expect(() => parse('[[{"a":[]}]]', 3)).toThrow("JSON is nested deeper than the limit of 3 levels at byte 7");
  expect(parse('["[[[[["]', 1)).toEqual(["[[[[["]);
  expect(() => parse("[".repeat(1_000_000), 64)).toThrow("limit of 64 levels");
});

/** JSON.parse, and the integers that it cannot be trusted with as bigint; from 1e21 on JSON.stringify writes exponents. */
const expectedOf = (text: string): unknown =>
  JSON.parse(text, (_, value: unknown) =>
    Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value as number) < 1e21
      ? BigInt(String(value))
      : value,
  );

test("both ways of reading agree with JSON.parse on whatever JSON.stringify writes", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parse(text, 64)).toEqual(expectedOf(text));
      expect(parseStrictly(text)).toEqual(expectedOf(text));
    }),
  );
});

test("text that JSON.parse refuses is refused, but for the bare tokens", () => {
  const piece = fc.constantFrom(
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    '"',
    "1",
    "-",
    ".",
    "e",
    "0",
    " ",
    "null",
    '"a"',
    "\\",
    "+",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join("");
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        expect(() => parse(text)).toThrow(expect.objectContaining({ status: 400 }));
        expect(() => parseStrictly(text)).toThrow(expect.objectContaining({ status: 400 }));
        return;
      }
      expect(parse(text)).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

test("integers beyond 2^53 are exact, with any number of digits and either sign", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.integer({ min: 0, max: 24 }), (any, fewer) => {
      const value = any / 10n ** BigInt(fewer);
      const safe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
      expect(parse(`[${value},1]`)).toEqual([safe ? Number(value) : value, 1]);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["numbers that JSON.parse reads", "[]"],
  ["text that the exact parser reads", "[NaN]"],
])("more arrays and objects than may be built are refused before memory is taken for them: %s", (_, piece) => {
  const many = (count: number) => Buffer.from(`[${`${piece},`.repeat(count - 2)}{}]`);
  expect(() => parseJson(many(MAX_CONTAINERS + 1), { maxDepth: 8 })).toThrow(
    expect.objectContaining({
      status: 400,
      message: expect.stringMatching(
        /^JSON: expected at most 2097152 arrays and objects, got 2097153 or more at byte \d+$/,
      ),
    }),
  );
});
