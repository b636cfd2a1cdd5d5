import { type ImageSource, imageInstance } from "../../src/image/image-source.ts";
import { TextSource } from "../../src/image/text-source.ts";
import { Turns } from "../../src/turns.ts";
import { readFixture } from "./image-fixtures.ts";

const png = readFixture("colour.png");
const base64 = png.toString("base64");
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function read(row: unknown) {
  const result = imageInstance["~standard"].validate(row);
  if (result instanceof Promise) throw new Error("expected a synchronous schema");
  return result;
}

const url = "https://pictures.example/a.jpg";

test.each<[string, unknown, ImageSource]>([
  ["an object with a URL", { url }, { url, field: "url" }],
  ["an object with a URL as bytes, as V2 clients send it", { url: text(url) }, { url, field: "url" }],
  ["an object with a URL and other keys", { url, id: 7 }, { url, field: "url" }],
  ["a URL", url, { url }],
  [
    "a URL with space around and a scheme in capitals",
    " HTTPS://pictures.example/ ",
    { url: "HTTPS://pictures.example/" },
  ],
  ["a URL as bytes", text(url), { url }],
  ["an object of one key that holds a URL", { picture: url }, { url, field: "picture" }],
])("%s is a URL to download", (_, row, expected) => {
  expect(read(row)).toEqual({ value: expected });
});

test.each<[string, unknown, string | undefined]>([
  ["an object with base64", { b64: base64 }, "b64"],
  ["an object with a data: URL", { url: `data:image/png;base64,${base64}` }, "url"],
  ["a data: URL with escapes", `data:image/png;base64,${encodeURIComponent(base64)}`, undefined],
  [
    "a data: URL without base64",
    `data:,${[...png].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")}`,
    undefined,
  ],
  ["base64", base64, undefined],
  ["base64 in lines", base64.replace(/(.{76})/g, "$1\r\n"), undefined],
  ["base64 for URLs, without padding", png.toString("base64url"), undefined],
  ["base64 as bytes", text(base64), undefined],
  ["bytes", png, undefined],
  ["an object of one key that holds bytes", { image: png }, "image"],
  ["a file in a form's field b64", { b64: png, caption: text("a cat") }, "b64"],
  ["a file in a form's field url", { url: png }, "url"],
  ["TensorFlow Serving's form", { image_bytes: { b64: base64 } }, "image_bytes"],
])("%s is an image's bytes", (_, row, field) => {
  const { value } = read(row) as { value: ImageSource };
  expect(Buffer.from(value.bytes ?? [])).toEqual(png);
  expect(value.field).toBe(field);
});

test("bytes that are neither a known image nor text are left for the decoder to refuse", () => {
  const bytes = Uint8Array.of(0x42, 0x4d, 0, 1);
  expect(read(bytes)).toEqual({ value: { bytes } });
  expect(read({ b64: bytes })).toEqual({ value: { bytes, field: "b64" } });
  expect(read({ url: bytes })).toEqual({ value: { bytes, field: "url" } });
});

test.each<[unknown, string, readonly string[] | undefined]>([
  [7, "got a number", undefined],
  [null, "got null", undefined],
  [[[0, 0, 0]], "got an array", undefined],
  [{}, "got an object with the keys []", undefined],
  [
    { a: url, b: url },
    `got an object with the keys ["a","b"]; of several keys name the image's 'b64' or 'url'`,
    undefined,
  ],
  [{ a: { b: { b64: base64 } } }, 'got an object with the keys ["b"]', ["a"]],
  [{ url: 7 }, "expected a URL, got a number", ["url"]],
  [{ url: "ftp://host/a.jpg" }, "expected an http, https or data: URL", ["url"]],
  [{ url: "data:image/png;base64" }, "data: URL without a comma", ["url"]],
  [{ url: "data:image/png;base64,{}" }, "neither a URL nor base64", ["url"]],
  [{ b64: 7 }, "expected base64 text, got a number", ["b64"]],
  [{ b64: "<svg>" }, "neither a URL nor base64", ["b64"]],
  [{ b64: text("<svg>") }, "neither a URL nor base64", ["b64"]],
  [{ url: text("cat.jpg") }, "expected an http, https or data: URL", ["url"]],
  ["not found!", "neither a URL nor base64", undefined],
])("%j is refused: %s", (row, message, path) => {
  const [issue] = read(row).issues ?? [];
  expect(issue?.message).toContain(message);
  expect(issue?.path).toEqual(path);
});

test("a long text that is almost base64 is refused where its bytes are asked for, with the place of the fault", () => {
  const result = read({ b64: `AAAA${" ".repeat(3_000_000)}!` });
  if (!("value" in result)) throw new Error("expected a source");
  expect(() => result.value.bytes).toThrow('neither a URL nor base64: got "!" at character 3000005');
});

test.each([
  ["QUJD====", 'got 4 "=" at the end, expected 0'],
  ["QUI=QUJD", 'got "Q" after "=" at character 5'],
  ["QUJDR", "got one character too many, 5 in all"],
  ["QUJDQUJ😀", 'got "😀" at character 8'],
  // A character whose lowest byte is a letter.
  ["QUJ\u0144", 'got "\u0144" at character 4'],
  [`data:;base64,${"QU\n".repeat(50)}é`, 'got "é" at character 151'],
])("%j is no base64: %s", (text, fault) => {
  expect(read(text).issues?.[0]?.message).toContain(fault);
});

test.each([
  ["%41%4a%4A%zz%4", "AJJ%zz%4"],
  ["%%41%", "%A%"],
  ["%25%34%31", "%41"],
  ["100%", "100%"],
  ["%00%ff", "\u0000\u00ff"],
  ["", ""],
  ["é\u0141😀%41", Buffer.from("é\u0141😀A").toString("latin1")],
])("the escapes of a data: URL of %j are undone once, what is none stays", (content, expected) => {
  const { value } = read(`data:,${content}`) as { value: ImageSource };
  expect(Buffer.from(value.bytes ?? []).toString("latin1")).toBe(expected);
});

test("millions of escapes in base64 are undone in one pass", () => {
  const escapes = 5_000_000;
  const result = read(`data:image/png;base64,${"%2B".repeat(escapes)}`);
  if (!("value" in result)) throw new Error("expected an image");
  // Four characters of base64 are three bytes; with a pass for each escape this test would not end in its time.
  expect(result.value).toMatchObject({ bytes: expect.objectContaining({ length: (escapes / 4) * 3 }) });
}, 5_000);

const LONG = 100_000;
const asText = (value: string) => value;
const asBytes = (value: string) => text(value);

/** Pieces of every kind, at all places where a piece may end. */
test.each([
  ["strict base64", "", "QUJD", "ABC"],
  ["base64 with spaces", "", "Q U\tJ\nD\r\n", "ABC"],
  ["base64 for URLs", "", "QU_-", Buffer.from("QU/+", "base64").toString("latin1")],
  ["a data: URL of base64", "data:image/png;base64,", "QUJD", "ABC"],
  ["a data: URL of escaped base64", "data:;base64,", "%51U%4aD", "ABC"],
  ["a data: URL of escapes", "data:,", "%41%é😀", Buffer.from("A%é😀").toString("latin1")],
])("long text is read in pieces: %s", async (_, head, piece, expected) => {
  const repeats = Math.ceil(LONG / piece.length);
  for (const shift of [0, 1, 2, 3]) {
    for (const form of [asText, asBytes]) {
      const lead = head.startsWith("data:,") ? "x".repeat(shift) : " ".repeat(shift);
      // A row of bytes is read as text where its beginning says so.
      const result = read({ b64: form(head + lead + piece.repeat(repeats)) });
      if (!("value" in result)) throw new Error(result.issues?.[0]?.message);
      const wanted = Buffer.from(lead.trim() + expected.repeat(repeats), "latin1");
      const { bytes } = result.value;
      expect(Buffer.compare(bytes ?? Buffer.alloc(0), wanted)).toBe(0);
      const again = read({ b64: form(head + lead + piece.repeat(repeats)) });
      const source = "value" in again ? again.value : undefined;
      const inTurns = source instanceof TextSource ? await source.read(new Turns()) : undefined;
      expect(Buffer.compare(inTurns ?? Buffer.alloc(0), wanted)).toBe(0);
    }
  }
});

test("a copy of a source of long text has its bytes", () => {
  const result = read("QUJD".repeat(LONG));
  if (!("value" in result)) throw new Error("expected a source");
  expect({ ...result.value, field: "x" }.bytes).toHaveLength(LONG * 3);
});

test("what is too long for a URL is none", () => {
  expect(read(`https://h/${"a".repeat(70_000)}`).issues?.[0]?.message).toContain("a URL of 70010 characters");
  expect(read(`data:${" ".repeat(70_000)},`).issues?.[0]?.message).toContain("without a comma in its first 65536");
});
