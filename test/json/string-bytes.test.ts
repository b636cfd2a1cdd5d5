import fc from "fast-check";
import { LongString, unescapeString } from "../../src/json/string-bytes.ts";

const whole = (json: string) => {
  const bytes = Buffer.from(json);
  return Buffer.from(unescapeString(bytes, 0, bytes.length)).toString("utf8");
};

function inSteps(json: string, step: number): string {
  const bytes = Buffer.from(`${json}, more`);
  const text = new LongString(bytes, 0, bytes.length);
  for (let until = step; ; until += step) {
    const read = text.advance(until);
    if (read === undefined) continue;
    expect(text.end).toBe(Buffer.byteLength(json));
    return Buffer.from(read).toString("utf8");
  }
}

/** Every character as one of the ways in which it may be written. */
function escaped(text: string, form: number): string {
  const units = Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`);
  if (form === 0) return JSON.stringify(text);
  return `"${units.map((unit) => (form === 1 ? unit : unit.toUpperCase().replace("U", "u"))).join("")}"`;
}

test("strings are what JSON.parse says, at once and in steps, however they are written", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 30 });
  fc.assert(
    fc.property(text, fc.nat(2), fc.integer({ min: 1, max: 9 }), (value, form, step) => {
      const json = escaped(value, form);
      expect(whole(json)).toBe(JSON.parse(json));
      expect(inSteps(json, step)).toBe(JSON.parse(json));
    }),
  );
});

test("every short escape", () => {
  expect(whole('"\\"\\\\\\/\\b\\f\\n\\r\\t"')).toBe('"\\/\b\f\n\r\t');
});

test.each([
  ['"\\x"', "an escape that JSON does not know at byte 1"],
  ['"\\u00g0"', "an escape that JSON does not know at byte 1"],
  ['"ab\\u00"', "an escape that JSON does not know at byte 3"],
  ['"\\ud800"', "a surrogate without its pair at byte 1"],
  ['"\\ud800\\u0041"', "a surrogate without its pair at byte 1"],
  ['"\\udc00\\ud800"', "a surrogate without its pair at byte 1"],
  ['"\\n\n"', "in a string, which must be escaped at byte 3"],
])("%s is refused: %s", (json, message) => {
  expect(() => whole(json)).toThrow(message);
  expect(() => inSteps(json, 2)).toThrow(message);
});

test("a string without an end is refused", () => {
  expect(() => inSteps('"abc', 3)).toThrow("a string without an end at byte 0");
});

test("a string takes memory for itself and not for all that stands behind it", () => {
  const json = `"${"\\u00e9".repeat(50_000)}"`;
  const bytes = Buffer.from(`${json}${" ".repeat(10_000_000)}`);
  const text = new LongString(bytes, 0, bytes.length);
  let read: Uint8Array | undefined;
  for (let until = 65_536; read === undefined; until += 65_536) read = text.advance(until);
  expect(Buffer.from(read).toString("utf8")).toBe("é".repeat(50_000));
  expect(read.buffer.byteLength).toBeLessThan(2 * json.length);
});
