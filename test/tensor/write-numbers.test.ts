import fc from "fast-check";
import type { Datatype, NumericDatatype } from "../../src/tensor/datatype.ts";
import { fromBfloat16Array, fromFloat16Array } from "../../src/tensor/elements/float16.ts";
import { LookupTensor } from "../../src/tensor/lookup-tensor.ts";
import { toNested } from "../../src/tensor/nested/nested-array.ts";
import { readNumberArray } from "../../src/tensor/read-numbers.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { createTensor, type Tensor } from "../../src/tensor/tensor.ts";
import { formatElements, formatRows } from "../../src/tensor/write-numbers.ts";

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const nested = (tensor: Tensor): string => textOf(formatElements(tensor, "nested"));
const flat = (tensor: Tensor): string => textOf(formatElements(tensor, "flat"));

/** The one text of an FP32, without its brackets. */
const float32 = (value: number): string => flat(createTensor("x", "FP32", [1], Float32Array.of(value))).slice(1, -1);

/** A shape of up to four dimensions and as many bytes as its elements take. */
const shaped = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  .chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.uint8Array({ minLength: elementCount(shape) * 8, maxLength: elementCount(shape) * 8 }),
    ),
  );

const ARRAYS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
  BF16: Uint16Array,
} as const;

function isFiniteTensor(tensor: Tensor): boolean {
  const { datatype, data } = tensor;
  if (datatype === "FP16") return fromFloat16Array(data as Uint16Array).every(Number.isFinite);
  if (datatype === "BF16") return fromBfloat16Array(data as Uint16Array).every(Number.isFinite);
  return datatype.startsWith("FP") ? (data as Float64Array).every(Number.isFinite) : true;
}

describe("formatElements", () => {
  test.each(Object.keys(ARRAYS) as NumericDatatype[])(
    "%s of any shape reads back bit by bit, flat and nested",
    (datatype) => {
      fc.assert(
        fc.property(shaped, ([shape, bytes]) => {
          const count = elementCount(shape);
          const raw = datatype === "BOOL" ? bytes.map((byte) => byte & 1) : bytes;
          const data = new ARRAYS[datatype](raw.buffer, 0, count) as never;
          const tensor = createTensor<Datatype>("x", datatype, shape, data);
          if (!isFiniteTensor(tensor)) return;
          const options = { name: "x", datatype, maxElements: 1000, maxDepth: 8 };
          const flatText = formatElements(tensor, "flat");
          expect(readNumberArray(flatText, 0, options)).toEqual({ data, shape: [count], end: flatText.length });
          if (shape.length === 0) return;
          const nestedText = formatElements(tensor, "nested");
          const back = readNumberArray(nestedText, 0, options);
          expect(back.data).toEqual(data);
          // Nothing tells the sizes inside an empty dimension.
          const known = shape.indexOf(0) === -1 ? shape : shape.slice(0, shape.indexOf(0) + 1);
          expect(back.shape).toEqual(known);
        }),
        { numRuns: 100 },
      );
    },
  );

  test("lays out as JSON.stringify lays out nested arrays", () => {
    fc.assert(
      fc.property(shaped, ([shape, bytes]) => {
        for (const datatype of ["INT8", "UINT16", "INT32"] as const) {
          const tensor = createTensor<Datatype>(
            "x",
            datatype,
            shape,
            new ARRAYS[datatype](bytes.buffer, 0, elementCount(shape)),
          );
          expect(nested(tensor)).toBe(JSON.stringify(toNested(tensor)));
        }
      }),
    );
    expect(nested(createTensor("x", "INT32", [], Int32Array.of(7)))).toBe("7");
    expect(flat(createTensor("x", "INT32", [], Int32Array.of(7)))).toBe("[7]");
    expect(nested(createTensor("x", "BOOL", [2, 1], Uint8Array.of(1, 0)))).toBe("[[true],[false]]");
  });

  test("integers have all their digits", () => {
    const signed = [
      2n ** 63n - 1n,
      -(2n ** 63n),
      -1n,
      0n,
      2n ** 53n + 1n,
      -(2n ** 53n) - 1n,
      2n ** 53n - 1n,
      2n ** 32n,
      -(2n ** 32n),
      4294967295n,
    ];
    expect(flat(createTensor("x", "INT64", [10], BigInt64Array.from(signed)))).toBe(`[${signed.join(",")}]`);
    const unsigned = [2n ** 64n - 1n, 2n ** 63n, 0n, 999999999n, 1000000000n, 2n ** 53n];
    expect(flat(createTensor("x", "UINT64", [6], BigUint64Array.from(unsigned)))).toBe(`[${unsigned.join(",")}]`);
    expect(flat(createTensor("x", "INT8", [4], Int8Array.of(-128, 127, -1, 0)))).toBe("[-128,127,-1,0]");
    expect(flat(createTensor("x", "UINT32", [2], Uint32Array.of(4294967295, 2147483648)))).toBe(
      "[4294967295,2147483648]",
    );
  });

  test("16-bit floats are numbers", () => {
    expect(flat(createTensor("x", "FP16", [3], Uint16Array.of(0x3c00, 0x2e66, 0x8000)))).toBe("[1,0.099975586,-0.0]");
    expect(flat(createTensor("x", "BF16", [2], Uint16Array.of(0x3f80, 0x3dcd)))).toBe("[1,0.100097656]");
  });

  test.each([
    ["FP16", Uint16Array.of(0, 0x7c00), "element 1 is Infinity"],
    ["BF16", Uint16Array.of(0x7fc0), "element 0 is NaN"],
    ["FP32", Float32Array.of(1, 2, Number.NaN), "element 2 is NaN"],
    ["FP64", Float64Array.of(-Infinity), "element 0 is -Infinity"],
  ] as const)("%s that JSON has no number for are refused, never null", (datatype, data, message) => {
    const tensor = createTensor<Datatype>("scores", datatype, [data.length], data);
    expect(() => formatElements(tensor, "flat")).toThrow(
      `tensor 'scores': ${message}, which JSON has no number for; use binary data or gRPC`,
    );
    expect(() => formatRows(tensor)).toThrow(message);
  });

  test("many FP32, equal and different ones, are written as each is by itself", () => {
    const different = Float32Array.from({ length: 12_000 }, (_, i) => Math.sin(i) * 10 ** ((i % 20) - 10));
    // Later ones take the places of earlier ones, which then come again.
    const data = Float32Array.from({ length: 24_000 }, (_, i) => different[(i * 7) % 12_000] as number);
    data.set([0, -0, -1.17549435e-38, 3.4028235e38], 5000);
    const texts = Array.from(data, float32);
    expect(flat(createTensor("x", "FP32", [24_000], data))).toBe(`[${texts.join(",")}]`);
    const rows = Array.from({ length: 8000 }, (_, row) => `[${texts.slice(row * 3, row * 3 + 3).join(",")}]`);
    expect(nested(createTensor("x", "FP32", [8000, 3], data))).toBe(`[${rows.join(",")}]`);
    data[20_000] = Number.NaN;
    expect(() => flat(createTensor("x", "FP32", [24_000], data))).toThrow("tensor 'x': element 20000 is NaN");
  });

  test("a view into a larger buffer is written from its own place", () => {
    const data = new Float64Array([9, 9, 0.1, 2 ** 60, 9]).subarray(2, 4);
    expect(flat(createTensor("x", "FP64", [2], data))).toBe("[0.1,1152921504606847000]");
    expect(flat(createTensor("x", "INT64", [1], BigInt64Array.of(5n, -6n).subarray(1)))).toBe("[-6]");
    expect(flat(createTensor("x", "INT8", [1], Int8Array.of(5, -6).subarray(1)))).toBe("[-6]");
    expect(flat(createTensor("x", "FP32", [1], Float32Array.of(5, 0.7).subarray(1)))).toBe("[0.7]");
  });
});

describe("lookup tensors as text", () => {
  const tables = [0, 1, 2].map((channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte - 100 * channel) / 255),
  );

  test.each([
    ["NHWC", [2, 3, 2, 3], 1],
    ["NCHW", [2, 3, 2, 2], 4],
    ["one row", [5], 2],
    ["empty", [0, 3], 1],
    ["rows that end inside a run", [4, 3], 5],
  ])("are as those of their floats: %s", (_, shape, run) => {
    const count = elementCount(shape);
    const bytes = Uint8Array.from({ length: count }, (__, i) => (i * 37) % 256);
    const lookup = new LookupTensor("x", shape, bytes, tables, { run });
    const floats = createTensor("x", "FP32", shape, lookup.data);
    for (const layout of ["flat", "nested"] as const) {
      expect(textOf(formatElements(lookup, layout))).toBe(textOf(formatElements(floats, layout)));
    }
    expect(formatRows(lookup)).toEqual(formatRows(floats));
  });

  test("a value that JSON has no number for is refused when a byte stands for it, and only then", () => {
    const table = new Float32Array(256);
    table[7] = Number.NaN;
    expect(flat(new LookupTensor("x", [1], Uint8Array.of(6), [table]))).toBe("[0]");
    expect(() => formatElements(new LookupTensor("x", [1], Uint8Array.of(7), [table]), "flat")).toThrow(
      "tensor 'x': a value is NaN",
    );
  });
});

describe("BYTES as text", () => {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

  test("are the strings that JSON.parse reads", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.constant('"\\\b\f\n\r\t\u0000\u001f\u007f\u2028é😀')),
          { maxLength: 6 },
        ),
        (texts) => {
          const tensor = createTensor("x", "BYTES", [texts.length], texts.map(encode));
          expect(JSON.parse(flat(tensor))).toEqual(texts);
          expect(flat(tensor)).toBe(JSON.stringify(texts));
        },
      ),
    );
  });

  test("that are not UTF-8 are refused as strings, and carried as base64", () => {
    const tensor = createTensor("x", "BYTES", [2], [encode("ok"), Uint8Array.of(0xff, 0xd8)]);
    expect(() => formatElements(tensor, "flat")).toThrow(
      "tensor 'x': element 1 is not UTF-8, which JSON strings must be; use binary data or gRPC",
    );
    expect(textOf(formatElements(tensor, "flat", { bytes: "b64" }))).toBe('[{"b64":"b2s="},{"b64":"/9g="}]');
    expect(textOf(formatElements(tensor, "flat", { bytes: "textOrB64" }))).toBe('["ok",{"b64":"/9g="}]');
    expect(textOf(formatElements(createTensor("x", "BYTES", [], [encode("")]), "nested", { bytes: "b64" }))).toBe(
      '{"b64":""}',
    );
  });
});

describe("formatRows", () => {
  test("gives each row's own text", () => {
    fc.assert(
      fc.property(shaped, ([shape, bytes]) => {
        if (shape.length === 0) return;
        const tensor = createTensor("x", "INT16", shape, new Int16Array(bytes.buffer, 0, elementCount(shape)));
        const { text, offsets } = formatRows(tensor);
        const rows = Array.from({ length: offsets.length - 1 }, (_, i) =>
          textOf(text.subarray(offsets[i], offsets[i + 1])),
        );
        expect(rows).toEqual((toNested(tensor) as unknown[]).map((row) => JSON.stringify(row)));
        expect(offsets[rows.length]).toBe(text.length);
      }),
    );
  });

  test("a scalar has none", () => {
    expect(() => formatRows(createTensor("x", "FP32", [], Float32Array.of(1)))).toThrow(
      "tensor 'x': expected a dimension of rows",
    );
  });

  test("a shape of many empty arrays is refused before memory is taken", () => {
    const empty = createTensor("x", "FP32", [2 ** 40, 0], new Float32Array(0));
    for (const write of [() => formatRows(empty), () => formatElements(empty, "nested"), () => toNested(empty)]) {
      expect(write).toThrow("tensor 'x': shape [1099511627776,0] nests into");
    }
    expect(flat(empty)).toBe("[]");
  });
});
