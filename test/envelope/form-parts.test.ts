import { type FormPart, readFormParts } from "../../src/envelope/form-parts.ts";
import { finish, PIECE } from "../../src/turns.ts";

function parts(body: string | Buffer, boundary = "b"): [string | undefined, string][] {
  const found: FormPart[] = [];
  finish(readFormParts(Buffer.from(body as string, "latin1"), boundary, (part) => found.push(part)));
  return found.map(({ name, bytes }) => [name, Buffer.from(bytes).toString("latin1")]);
}

const disposition = (name: string) => `Content-Disposition: form-data; name="${name}"`;
const field = (name: string, content: string, more = "") => `--b\r\n${disposition(name)}${more}\r\n\r\n${content}\r\n`;

describe("parts of a form", () => {
  test.each<[string, string, [string, string][]]>([
    ["a field", `${field("a", "x")}--b--\r\n`, [["a", "x"]]],
    ["an empty field", `${field("a", "")}--b--\r\n`, [["a", ""]]],
    ["no line behind the last boundary", `${field("a", "x")}--b--`, [["a", "x"]]],
    ["a form without parts", "--b--\r\n", []],
    ["text before and behind", `hello --b\r\n${field("a", "x")}--b--\r\nbye\r\n${field("c", "z")}`, [["a", "x"]]],
    ["white space behind a boundary", `--b \t\r\n${disposition("a")}\r\n\r\nx\r\n--b--`, [["a", "x"]]],
    [
      "lines that only begin like the boundary",
      `${field("a", "1\r\n--bb\r\n2\r\n--b x\r\n--b\n3\r\n--")}--b--`,
      [["a", "1\r\n--bb\r\n2\r\n--b x\r\n--b\n3\r\n--"]],
    ],
    ["almost boundaries", `${field("a", "\r\n\r\n-\r\n--\r")}--b--`, [["a", "\r\n\r\n-\r\n--\r"]]],
    [
      "headers in any case, folded",
      `--b\r\nCONTENT-disposition:form-data;\r\n  NAME=a\r\n\r\nx\r\n--b--`,
      [["a", "x"]],
    ],
    [
      "quotes in a name",
      `--b\r\nContent-Disposition: form-data; name="a\\"; b,c"\r\n\r\nx\r\n--b--`,
      [['a"; b,c', "x"]],
    ],
    ["bytes that are no UTF-8 stay", `${field("a", "\xff\xfe")}--b--`, [["a", "\xff\xfe"]]],
    [
      "a file's bytes, whatever its charset",
      `${field("a", "\xe9", `; filename="f"\r\nContent-Type: text/plain; charset=latin1`)}--b--`,
      [["a", "\xe9"]],
    ],
    [
      "text in another charset",
      `${field("a", "\xe9", "\r\nContent-Type: text/plain; charset=iso-8859-1")}--b--`,
      [["a", "\xc3\xa9"]],
    ],
    [
      "text in UTF-16",
      `${field("a", "\x3d\xd8\x00\xde", "\r\nContent-Type: text/plain; charset=utf-16le")}--b--`,
      [["a", "\xf0\x9f\x98\x80"]],
    ],
  ])("%s", (_, body, expected) => {
    expect(parts(body)).toEqual(expected);
  });

  test("names are UTF-8", () => {
    expect(parts(Buffer.from(`${field("größe", "x")}--b--`).toString("latin1"))).toEqual([["größe", "x"]]);
  });

  test.each([
    ["nothing", "", "breaks off before its last boundary, at byte 0"],
    ["no boundary", "hello", "breaks off before its last boundary, at byte 5"],
    ["no end", field("a", "x"), "breaks off before its last boundary"],
    ["a head without end", `--b\r\n${disposition("a")}\r\n`, "the end of a part's head"],
    ["a head that is too long", `--b\r\nX: ${"x".repeat(20_000)}\r\n\r\nx\r\n--b--`, "within 16384 bytes, at byte 3"],
    ["no disposition", "--b\r\n\r\nx\r\n--b--", "Content-Disposition: form-data"],
    ["another disposition", "--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--", "form-data"],
    [
      "an unknown charset",
      `${field("a", "x", "\r\nContent-Type: text/plain; charset=klingon")}--b--`,
      "field 'a': charset klingon is not known",
    ],
  ])("%s is refused", (_, body, message) => {
    expect(() => parts(body)).toThrow(message);
  });

  test.each(["", "x".repeat(71)])("a boundary of %j is refused", (boundary) => {
    expect(() => parts("", boundary)).toThrow("a boundary of 1 to 70 characters");
  });

  test("a boundary is found wherever a piece ends", () => {
    for (let shift = 0; shift < 12; shift++) {
      const content = "\r".repeat(PIECE - 60 + shift);
      expect(parts(`${field("a", content)}${field("b", content)}--b--`)).toEqual([
        ["a", content],
        ["b", content],
      ]);
    }
  });

  test("long text in another charset is cut at no character", () => {
    const text = `x${"é😀".repeat(PIECE / 4)}`;
    const utf16 = Buffer.from(text, "utf16le").toString("latin1");
    const [[, got = ""] = []] = parts(`${field("a", utf16, "\r\nContent-Type: text/plain; charset=utf-16le")}--b--`);
    expect(Buffer.from(got, "latin1").toString("utf8") === text).toBe(true);
  });
});
