import { InferenceError } from "../../../src/errors.ts";
import { LookupTensor } from "../../../src/tensor/lookup-tensor.ts";
import { elementCount } from "../../../src/tensor/shape.ts";
import { createTensor, type Tensor } from "../../../src/tensor/tensor.ts";
import {
  type FormatElementsOptions,
  formatElements,
  formatElementsInPieces,
  PIECED_ELEMENTS,
} from "../../../src/tensor/write-numbers.ts";
import { createRandom } from "./create-random.ts";

const OPTIONS: FormatElementsOptions = { pointed: true, nonFinite: (value) => `"${value}"` };

function piecesOf(tensor: Tensor): NonNullable<ReturnType<typeof formatElementsInPieces>> {
  const pieces = formatElementsInPieces(tensor, "nested", OPTIONS);
  if (pieces === undefined) throw new Error("expected pieces");
  return pieces;
}

/** A piece is good until the next is asked for. */
function join(pieces: Iterable<Uint8Array>): Buffer {
  return Buffer.concat(Array.from(pieces, (piece) => Buffer.from(piece)));
}

function expectSame(tensor: Tensor): void {
  const whole = formatElements(tensor, "nested", OPTIONS);
  const pieces = piecesOf(tensor);
  expect(pieces.byteLength).toBe(whole.length);
  // Texts of megabytes are not for a message.
  expect(join(pieces).equals(whole)).toBe(true);
}

/** Up to five dimensions with many elements together. */
function randomShape(random: () => number): number[] {
  const shape = Array.from({ length: 1 + (random() % 5) }, () => 1 + (random() % 9));
  const at = random() % shape.length;
  shape[at] = Math.ceil((PIECED_ELEMENTS + (random() % 90_000)) / (elementCount(shape) / (shape[at] as number)));
  return shape;
}

describe("text in pieces", () => {
  test("is the whole text, whatever the shape, the tables and the datatype", () => {
    const random = createRandom(3);
    for (let round = 0; round < 40; round++) {
      const shape = randomShape(random);
      const bytes = Uint8Array.from({ length: elementCount(shape) }, () => random() >>> 24);
      const channels = 1 + (random() % 4);
      const tables = Array.from({ length: channels }, () =>
        Float32Array.from({ length: 256 }, (_, byte) =>
          byte === 9 ? Number.NaN : (byte - 7) / (1 + (random() % 300)),
        ),
      );
      const run = 1 + (random() % (round % 2 === 0 ? 3 : bytes.length));
      expectSame(new LookupTensor("x", shape, bytes, tables, { run }));
      expectSame(createTensor("x", "UINT8", shape, bytes));
      expectSame(createTensor("x", "INT8", shape, new Int8Array(bytes.buffer)));
    }
    const bits = Uint8Array.from({ length: PIECED_ELEMENTS }, () => random() >>> 31);
    expectSame(createTensor("x", "BOOL", [PIECED_ELEMENTS], bits));
  });

  test("can be begun again, while others are written", () => {
    const random = createRandom(5);
    const [one, other] = [0.5, 3].map((factor) => {
      const table = Float32Array.from({ length: 256 }, (_, byte) => byte * factor);
      const bytes = Uint8Array.from({ length: 270_000 }, () => random() >>> 24);
      return new LookupTensor("x", [1, 300, 300, 3], bytes, [table]);
    }) as [LookupTensor, LookupTensor];
    const [pieces, others] = [piecesOf(one), piecesOf(other)];
    const reading = pieces[Symbol.iterator]();
    const begun = [Buffer.from(reading.next().value ?? [])];
    expect(join(others).equals(formatElements(other, "nested", OPTIONS))).toBe(true);
    const again: Buffer[] = [];
    for (const piece of pieces) {
      again.push(Buffer.from(piece));
      const next = reading.next();
      if (next.done !== true) begun.push(Buffer.from(next.value));
      formatElements(createTensor("y", "FP32", [600], new Float32Array(600)), "nested");
    }
    const whole = formatElements(one, "nested", OPTIONS);
    expect(Buffer.concat(again).equals(whole)).toBe(true);
    expect(Buffer.concat(begun).equals(whole)).toBe(true);
  });

  test("is that of the moment, whatever is written over the elements later", () => {
    const bytes = new Uint8Array(PIECED_ELEMENTS).fill(1);
    const pieces = piecesOf(createTensor("x", "UINT8", [PIECED_ELEMENTS], bytes));
    bytes.fill(222);
    expect(join(pieces).toString().slice(0, 6)).toBe("[1,1,1");
  });

  test("refuses what JSON has no number for before the first piece", () => {
    const table = new Float32Array(256);
    table[200] = Number.POSITIVE_INFINITY;
    const bytes = new Uint8Array(PIECED_ELEMENTS);
    const format = () => formatElementsInPieces(new LookupTensor("x", [PIECED_ELEMENTS], bytes, [table]), "nested", {});
    expect(format()).toBeDefined();
    bytes[PIECED_ELEMENTS - 1] = 200;
    expect(format).toThrow(InferenceError);
    expect(format).toThrow("tensor 'x': a value is Infinity, which JSON has no number for");
  });

  test("is not made of few elements, nor of those whose text is as long as it is only when it is written", () => {
    const few = createTensor("x", "UINT8", [PIECED_ELEMENTS - 1], new Uint8Array(PIECED_ELEMENTS - 1));
    const floats = createTensor("x", "FP32", [PIECED_ELEMENTS], new Float32Array(PIECED_ELEMENTS));
    const halves = createTensor("x", "FP16", [PIECED_ELEMENTS], new Uint16Array(PIECED_ELEMENTS));
    for (const tensor of [few, floats, halves]) expect(formatElementsInPieces(tensor, "nested")).toBeUndefined();
    const tables = Array.from({ length: 17 }, () => new Float32Array(256));
    const bytes = new Uint8Array(PIECED_ELEMENTS);
    expect(formatElementsInPieces(new LookupTensor("x", [PIECED_ELEMENTS], bytes, tables), "nested")).toBeUndefined();
  });
});
