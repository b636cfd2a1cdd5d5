import { Buffer } from "node:buffer";
import { inspect, isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { parseJson } from "../../src/json/parse-json.ts";
import { parseJsonInTurns } from "../../src/json/parse-json-in-turns.ts";
import { LARGE, PIECE, Turns } from "../../src/turns.ts";

const options = { maxDepth: 12, rawBytes: "base64" } as const;

/** The value, or the message of the error. */
async function outcome(read: () => unknown): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    return (error as Error).message;
  }
}

const whole = (bytes: Uint8Array) => outcome(() => parseJson(bytes, options));
const inTurns = (bytes: Uint8Array) => outcome(() => parseJsonInTurns(bytes, options, new Turns()));

/** The matcher takes a second for each, and would show megabytes. */
function expectSame(got: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(got, expected)) throw new Error(`expected ${start(expected)}, got ${start(got)}`);
}
const start = (json: unknown): string => inspect(json, { maxArrayLength: 5, maxStringLength: 300, depth: 5 });

const text = (unit: "grapheme" | "binary") => fc.string({ unit, maxLength: 12 }).map((value) => JSON.stringify(value));
const scalar = fc.oneof(
  text("grapheme"),
  text("binary"),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => JSON.stringify(value)),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom("true", "false", "null", "NaN", "-Infinity", "-0", "1e5", '"\\ud83d\\ude00\\n\\"\\\\"', '"\\ud800"'),
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(" ,")}]`),
    fc
      .array(fc.tuple(fc.oneof(text("grapheme"), fc.constantFrom('"__proto__"', '"1"')), tie("value")), {
        maxLength: 4,
      })
      .map((members) => `{${members.map(([key, member]) => `${key}: ${member}`).join(",")}}`),
  ),
}));
const long = (piece: string, count: number) => `"${piece.repeat(Math.ceil(count / piece.length))}"`;

/** Texts of more than is read at once, of small values and of large ones in all places. */
const largeText = fc
  .tuple(
    fc.array(value, { minLength: 1, maxLength: 8 }),
    fc.constantFrom("é", "a", "\\u00e9", "\\\\", "😀", "\\ud83d\\ude00", '\\"'),
    fc.constantFrom("array", "object", "nested", "long text"),
    fc.integer({ min: 0, max: 7 }),
  )
  .map(([values, letter, form, shift]) => {
    const some = values.join(",");
    const count = Math.ceil((LARGE + 1000) / (some.length + 1));
    const many = `${" ".repeat(shift)}${`${some},`.repeat(count)}${some}`;
    if (form === "array") return `[${many}]`;
    if (form === "object") {
      const members = Array.from(
        { length: Math.ceil(count / 8) },
        (_, i) => `"${i % 3 === 0 ? "k" : ""}${i}":[${`${some},`.repeat(8)}0]`,
      );
      return `{${members.join(",")}}`;
    }
    const text = long(letter, PIECE * 2 + shift);
    return form === "nested"
      ? `{"a":[${some},{"b":[${many}],"c":${text}},[[${many}]]],"__proto__":[${many}]}`
      : `[${text},${long(letter, LARGE)},${some}]`;
  });

describe("parseJsonInTurns", () => {
  test("a large text is the same value as read at once", async () => {
    await fc.assert(
      fc.asyncProperty(largeText, async (json) => {
        const bytes = Buffer.from(json);
        expect(bytes.length).toBeGreaterThan(LARGE);
        const [expected, got] = [await whole(bytes), await inTurns(bytes)];
        expectSame(got, expected);
      }),
      { numRuns: 30 },
    );
  });

  test("a large text that is broken anywhere is refused as it is when read at once", async () => {
    const fault = fc.constantFrom("", ",", "]", "}", '"', "[", "x", "01", ":", "\n", "\\", "\u0001");
    await fc.assert(
      fc.asyncProperty(largeText, fc.double({ min: 0, max: 1, noNaN: true }), fault, async (json, place, broken) => {
        const at = Math.floor(place * json.length);
        const bytes = Buffer.from(`${json.slice(0, at)}${broken}${json.slice(at + 1)}`);
        const [expected, got] = [await whole(bytes), await inTurns(bytes)];
        if (typeof expected === "string" && expected.startsWith("body is not JSON")) {
          expect(got).toEqual(expect.stringMatching(/^body is not JSON: .+ at byte \d+$/));
        } else expectSame(got, expected);
      }),
      { numRuns: 30 },
    );
  });

  test("a large object of one member is none of the members of the next one", async () => {
    const text = "x".repeat(2 * PIECE);
    const rows = [
      { image: text },
      { name: "b", image: text },
      [[text]],
      ["c", [text]],
      { image: [text] },
      ["d", text, text],
    ];
    const value = [...rows, ...rows.slice().reverse()];
    expectSame(await inTurns(Buffer.from(JSON.stringify(value))), value);
  });

  test("bytes that are no text become base64, as when read at once", async () => {
    const bytes = Buffer.concat([
      Buffer.from(`["`),
      Buffer.alloc(LARGE, 0xff),
      Buffer.from(`",["`),
      Buffer.from([0xc0]),
      Buffer.from('"]]'),
    ]);
    expect(await inTurns(bytes)).toEqual(await whole(bytes));
  });

  test("a number of more digits than a piece has bytes is refused", async () => {
    expect(await inTurns(Buffer.from(`[${"9".repeat(LARGE)}]`))).toMatch(
      /a number of more than 65536 digits at byte 1/,
    );
  });

  test("an object of more members than 131,072 is refused", async () => {
    const members = (count: number) => Array.from({ length: count }, (_, i) => `"a${i}":1`).join(",");
    expect(await inTurns(Buffer.from(`[1,{${members(131_073)}}]`))).toMatch(
      /an object with more than 131072 members at byte 3/,
    );
    expect(Object.keys((await inTurns(Buffer.from(`{${members(131_072)}}`))) as object)).toHaveLength(131_072);
  });

  test("others have their turns meanwhile, and an abort ends the work", async () => {
    const bytes = Buffer.from(`[${"[1,[2]],".repeat(1_000_000)}0]`);
    const abort = new AbortController();
    const reading = parseJsonInTurns(bytes, options, new Turns(abort.signal));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (turns < 5) setImmediate(count);
      else abort.abort(new Error("enough"));
    };
    setImmediate(count);
    await expect(reading).rejects.toThrow("enough");
  });
});
