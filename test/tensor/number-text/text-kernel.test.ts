import { LookupTensor } from "../../../src/tensor/lookup-tensor.ts";
import { loadTextKernel } from "../../../src/tensor/number-text/kernel/text-kernel.ts";
import { elementCount } from "../../../src/tensor/shape.ts";
import { createTensor, type Tensor } from "../../../src/tensor/tensor.ts";
import { type FormatElementsOptions, formatElements, formatRows } from "../../../src/tensor/write-numbers.ts";
import { createRandom } from "./create-random.ts";

/** Rows are written in JavaScript: with what stands between them they are what the kernel must make. */
function expectSameText(tensor: Tensor, options: FormatElementsOptions): void {
  const { text, offsets } = formatRows(tensor, options);
  const rows = Array.from({ length: offsets.length - 1 }, (_, row) => text.subarray(offsets[row], offsets[row + 1]));
  const expected = Buffer.concat([Buffer.from("["), ...rows.flatMap((row) => [row, Buffer.from(",")])]);
  expected[expected.length - 1] = 0x5d;
  const made = formatElements(tensor, "nested", options);
  // Texts of megabytes are not for a message.
  let same = 0;
  while (same < expected.length && made[same] === expected[same]) same++;
  expect([same, made.length]).toEqual([expected.length, expected.length]);
}

const nonFinite = (value: number): string => `"${value}"`;
const OPTIONS = [{ pointed: true, nonFinite }, { nonFinite }];

describe("the text kernel", () => {
  test("is there: this engine has SIMD", () => {
    expect(loadTextKernel()).toBeDefined();
  });

  test("writes FP32 of all bit patterns as JavaScript does", () => {
    const random = createRandom(1);
    const bits = Uint32Array.from({ length: 600_000 }, random);
    for (const options of OPTIONS) {
      expectSameText(createTensor("x", "FP32", [1000, 600], new Float32Array(bits.buffer)), options);
    }
  });

  test("writes every exponent's first, second and last FP32 and its whole numbers, and decimals of few digits", () => {
    const bits: number[] = [];
    for (let exponent = 0; exponent < 256; exponent++) {
      for (const mantissa of [0, 1, 2, 0x3fffff, 0x400000, 0x7ffffe, 0x7fffff]) {
        bits.push(((exponent << 23) | mantissa) >>> 0, ((exponent << 23) | mantissa | 0x80000000) >>> 0);
      }
    }
    const values = [...new Float32Array(Uint32Array.from(bits).buffer)];
    for (let power = -20; power < 25; power++) {
      for (const digits of [1, 9, 12, 99, 999_999, 9_999_999, 99_999_999, 1_234_567, 5, 25]) {
        values.push(digits * 10 ** power, 1 - digits * 10 ** power);
      }
    }
    for (let whole = 0; whole < 70_000; whole++) values.push(whole, whole / 1000, -whole * 16_777);
    for (const options of OPTIONS) {
      expectSameText(createTensor("x", "FP32", [values.length, 1], Float32Array.from(values)), options);
    }
  });

  test.each([
    [[2, 299, 299, 3], 1],
    [[2, 3, 224, 224], 224 * 224],
    [[1, 1, 1, 70_000, 1, 1], 3],
    [[5, 7, 100, 1], 11],
    [[1000], 1],
  ])("writes bytes by their tables in the shape %j", (shape, run) => {
    const random = createRandom(run);
    const bytes = Uint8Array.from({ length: elementCount(shape) }, () => random() >>> 24);
    const tables = [0.485, 0.456, 0.406].map((mean) =>
      Float32Array.from(bytes.subarray(0, 256), (_, byte) => (byte / 255 - mean) / 0.225),
    );
    for (const channels of [1, 3]) {
      const lookup = new LookupTensor("x", shape, bytes, tables.slice(0, channels), { run });
      for (const options of OPTIONS) expectSameText(lookup, options);
    }
    expectSameText(createTensor("x", "UINT8", shape, bytes), {});
    expectSameText(createTensor("x", "INT8", shape, new Int8Array(bytes.buffer)), {});
    expectSameText(
      createTensor(
        "x",
        "BOOL",
        shape,
        bytes.map((byte) => byte & 1),
      ),
      {},
    );
  });

  test("keeps no text with a point for a tensor whose whole numbers have none", () => {
    const tensor = createTensor("x", "FP32", [300, 1], new Float32Array(300).fill(7));
    for (const options of [...OPTIONS, ...OPTIONS]) expectSameText(tensor, options);
  });

  test("leaves more tables than it has room for to JavaScript", () => {
    const tables = Array.from({ length: 17 }, (_, table) =>
      Float32Array.from({ length: 256 }, (__, byte) => byte + table * 1000),
    );
    const bytes = Uint8Array.from({ length: 1700 }, (_, i) => i & 255);
    expectSameText(new LookupTensor("x", [100, 17], bytes, tables), {});
  });

  test("writes views, and 16-bit floats", () => {
    const random = createRandom(7);
    const floats = Float32Array.from({ length: 6000 }, () => random() / 2 ** 31 - 1);
    expectSameText(createTensor("x", "FP32", [1000, 5], floats.subarray(7, 5007)), {});
    const halves = Uint16Array.from({ length: 60_000 }, () => random() >>> 16);
    for (const datatype of ["FP16", "BF16"] as const)
      expectSameText(createTensor(datatype, datatype, [30_000, 2], halves), { nonFinite });
  });

  test("names the element that JSON has no number for, also behind the first piece, and goes on with the next tensor", () => {
    const floats = new Float32Array(100_000).fill(0.5);
    floats[77_777] = Number.NaN;
    const broken = createTensor("x", "FP32", [100_000], floats);
    for (let i = 0; i < 2; i++)
      expect(() => formatElements(broken, "flat")).toThrow("tensor 'x': element 77777 is NaN");
    // A NaN's text is the caller's, and not kept for others.
    expect(Buffer.from(formatElements(broken, "flat", { nonFinite })).includes('"NaN"')).toBe(true);
    expect(() => formatElements(broken, "flat")).toThrow("element 77777 is NaN");
    const table = new Float32Array(256).fill(3);
    table[9] = Number.POSITIVE_INFINITY;
    expect(() => formatElements(new LookupTensor("y", [300], new Uint8Array(300).fill(9), [table]), "flat")).toThrow(
      "tensor 'y': a value is Infinity",
    );
    expectSameText(new LookupTensor("y", [300], new Uint8Array(300).fill(8), [table]), {});
  });
});
