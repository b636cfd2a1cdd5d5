import { Buffer } from "node:buffer";
import fc from "fast-check";
import { type Extent, JsonReader } from "../../src/json/json-reader.ts";

const read = (text: string, maxDepth = 64) => new JsonReader(Buffer.from(text), { maxDepth });

function outline(text: string, maxDepth?: number): Record<string, string> {
  const reader = read(text, maxDepth);
  const found: Record<string, string> = {};
  reader.object("body", (key) => {
    const { start, end } = reader.skip();
    found[key] = reader.bytes.toString("utf8", start, end);
  });
  reader.end();
  return found;
}

test("members are found with their extents, and nothing is built", () => {
  expect(outline(' {"a" : [1, {"b":"]"}] ,"c":-1.5e3,"d":"x\\"}","e":{} , "\\u00e9":null}\n')).toEqual({
    a: '[1, {"b":"]"}]',
    c: "-1.5e3",
    d: '"x\\"}"',
    e: "{}",
    é: "null",
  });
});

test.each([
  ['{"a":1,"a":2}', 'body is not JSON: the key "a" comes twice in body, at byte 7'],
  ['{"a":1,"\\u0061":2}', 'body is not JSON: the key "a" comes twice in body, at byte 7'],
  ["[1]", "body must be an object, got an array"],
  ['"text"', "body must be an object, got a string"],
  ["12", "body must be an object, got 12"],
  ["", "body is not JSON: expected an object, got the end at byte 0"],
  ['{"a":1}}', "body is not JSON: expected the end, got '}' at byte 7"],
  ['{"a":1,}', "body is not JSON: expected a key, got '}' at byte 7"],
  ['{"a" 1}', "body is not JSON: expected ':', got '1' at byte 5"],
  ['{"a":1 "b":2}', "body is not JSON: expected ',' or '}', got '\"' at byte 7"],
  ['{"a":}', "body is not JSON: expected a value, got '}' at byte 5"],
  ['{"a":[1', "body is not JSON: expected ']', got the end at byte 7"],
  ['{"a":"1', "body is not JSON: a string without an end at byte 5"],
])("%s is refused by name and place", (text, message) => {
  expect(() => outline(text)).toThrow(expect.objectContaining({ status: 400, message }));
});

test("the depth limit counts what is around a value", () => {
  expect(outline('{"a":[[1]]}', 3)).toEqual({ a: "[[1]]" });
  expect(() => outline('{"a":[[[1]]]}', 3)).toThrow("JSON is nested deeper than the limit of 3 levels at byte 7");
  const reader = read('{"a":[[1]]}', 2);
  expect(() => reader.object("body", () => void reader.value())).toThrow("limit of 2 levels");
});

test("a value that was passed over can be gone back to, and be built", () => {
  const reader = read('{"a":[{"b":9007199254740993}],"c":1}');
  const extents: Extent[] = [];
  reader.object("body", () => void extents.push(reader.skip()));
  const [first] = extents as [Extent];
  expect(reader.parse(first, reader.inspect(first))).toEqual([{ b: 9007199254740993n }]);
  reader.seek(first);
  expect(reader.value()).toEqual([{ b: 9007199254740993n }]);
});

describe("a long array at the end", () => {
  const numbers = `[[${"1.25,".repeat(1000)}2],[${"-3,".repeat(1000)}4]]`;

  test("is passed over from the back, to the same end as byte by byte", () => {
    expect(outline(`{"a":${numbers}}`)).toEqual({ a: numbers });
    expect(outline(`{"a":${numbers} \n } \n`)).toEqual({ a: numbers });
    expect(outline(`{"a":${numbers},"b":1}`)).toEqual({ a: numbers, b: "1" });
  });

  test("inside of other arrays ends where it ends", () => {
    const reader = read(`{"inputs":[{"data":${numbers}},[${numbers}]]}`);
    const found: string[] = [];
    const skip = () => {
      const { start, end } = reader.skip();
      found.push(reader.bytes.toString("utf8", start, end));
    };
    reader.object("body", () => {
      reader.array("inputs", (index) => {
        if (index === 0) reader.object("input", skip);
        else skip();
      });
    });
    reader.end();
    expect(found).toEqual([numbers, `[${numbers}]`]);
  });

  test.each(["]", "}", "]}", "", " 1}", "]}}"])(
    "with %p behind it is refused, or its extent does not hold its end",
    (tail) => {
      const text = `{"a":${numbers}${tail}`;
      let extent: Extent | undefined;
      const reader = read(text);
      const walk = () => {
        reader.object("body", () => {
          extent = reader.skip();
        });
        reader.end();
      };
      if (tail === "}") {
        walk();
        expect(extent?.end).toBe(text.length - 1);
        return;
      }
      try {
        walk();
      } catch (error) {
        expect(error).toMatchObject({ status: 400 });
        return;
      }
      expect(() => reader.parse(extent as Extent)).toThrow(expect.objectContaining({ status: 400 }));
    },
  );
});

test("any value is passed over to its end, whatever follows", () => {
  const long = fc.array(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), {
    minLength: 300,
    maxLength: 500,
  });
  const value = fc.oneof(
    { weight: 3, arbitrary: fc.jsonValue() },
    fc.tuple(long, fc.jsonValue()),
    long,
    fc.array(long),
  );
  fc.assert(
    fc.property(value, value, fc.constantFrom(undefined, 2), (first, second, indent) => {
      const text = JSON.stringify({ first, second }, null, indent);
      const found = outline(text);
      expect([JSON.parse(found["first"] as string), JSON.parse(found["second"] as string)]).toEqual(
        JSON.parse(JSON.stringify([first, second])),
      );
    }),
    { numRuns: 200 },
  );
});

test("an object that is walked has at most 10,000 members", () => {
  const members = (count: number) => Array.from({ length: count }, (_, i) => `"a${i}":1`).join(",");
  const walk = (count: number) => {
    const reader = new JsonReader(Buffer.from(`{${members(count)}}`), { maxDepth: 4 });
    reader.object("body", () => void reader.skip());
  };
  expect(() => walk(10_000)).not.toThrow();
  expect(() => walk(10_001)).toThrow("body has more than 10000 members");
});

test.each([
  ["at the start", 0],
  ["at a piece's end", 65_535],
  ["behind long characters at a piece's end", 65_537],
  ["at the end", 199_999],
])("text that is not UTF-8 is told with its place: %s", (_, at) => {
  for (const filler of ["x", "é", "€", "😀"]) {
    const bytes = Buffer.alloc(200_000, filler);
    const place = at - (at % Buffer.byteLength(filler));
    bytes[place] = 0xff;
    expect(() => new JsonReader(bytes, { maxDepth: 4 })).toThrow(`text that is not UTF-8 at byte ${place}`);
  }
});
