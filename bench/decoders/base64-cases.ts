import { invalidArgument } from "../../src/errors.ts";
import { imageInstance } from "../../src/image/image-source.ts";
import { TextSource } from "../../src/image/text-source.ts";
import { parseBase64, parseBase64Data } from "../../src/tensor/elements/base64.ts";
import { Turns } from "../../src/turns.ts";
import { repeated, type StopCase } from "./stop-case.ts";

/** As `loadImages` reads a row. */
async function image(row: unknown): Promise<unknown> {
  const result = await imageInstance["~standard"].validate(row);
  if (result.issues !== undefined) throw invalidArgument(result.issues[0]?.message ?? "");
  return result.value instanceof TextSource ? result.value.read(new Turns()) : result.value.bytes;
}

function assertRead(bytes: Uint8Array | undefined): void {
  if (bytes === undefined) throw invalidArgument("no base64");
}

/** Bytes that come as text. */
export const BASE64_CASES: readonly StopCase[] = [
  {
    name: "base64, strict",
    make: repeated("", "QUJD", ""),
    run: (input) => assertRead(parseBase64(input.toString("latin1"))),
  },
  {
    name: "base64 behind data:, strict",
    make: repeated("data:image/png;base64,", "QUJD", ""),
    run: (input) => assertRead(parseBase64Data(input.toString("latin1"))),
  },
  {
    name: "image row, base64",
    yields: true,
    make: repeated("", "QUJD", ""),
    run: (input) => image(input.toString("latin1")),
  },
  {
    name: "image row, base64 with spaces",
    yields: true,
    make: repeated("", "Q U\nJ D\n", ""),
    run: (input) => image(input.toString("latin1")),
  },
  {
    name: "image row, spaces",
    yields: true,
    make: repeated("x", " ", "x"),
    run: (input) => image(input.toString("latin1")),
  },
  {
    name: "image row, data: URL of spaces",
    yields: true,
    make: repeated("data:", " ", "x"),
    run: (input) => image(input.toString("latin1")),
  },
  {
    name: "image row, data: URL, ;base64 and spaces",
    yields: true,
    make: repeated("data:;base64", " ", "x,"),
    run: (input) => image(input.toString("latin1")),
  },
  {
    name: "image row, data: URL, escapes",
    yields: true,
    make: repeated("data:,", "%41", ""),
    run: (input) => image(input.toString("latin1")),
  },
  {
    name: "image row, data: URL, base64 of escapes",
    yields: true,
    make: repeated("data:;base64,", "%41%41%41%41", ""),
    run: (input) => image(input.toString("latin1")),
  },
];
