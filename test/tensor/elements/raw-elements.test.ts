import fc from "fast-check";
import { DATATYPES, type Datatype } from "../../../src/tensor/datatype.ts";
import { fromRawBytes, toRawBytes } from "../../../src/tensor/elements/raw-elements.ts";
import { LookupTensor, renameTensor } from "../../../src/tensor/lookup-tensor.ts";
import { elementCount } from "../../../src/tensor/shape.ts";
import { byteSize, createTensor } from "../../../src/tensor/tensor.ts";

const NUMERIC = (Object.keys(DATATYPES) as Datatype[]).filter((datatype) => datatype !== "BYTES");
const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });

describe("raw elements", () => {
  test.each(NUMERIC)("%s of any shape, from any offset, come back bit by bit", (datatype) => {
    const width = DATATYPES[datatype].bytes;
    const cases = fc.tuple(shapes, fc.nat(9)).chain(([shape, offset]) => {
      const length = elementCount(shape) * width + offset;
      return fc.tuple(fc.constant(shape), fc.constant(offset), fc.uint8Array({ minLength: length, maxLength: length }));
    });
    fc.assert(
      fc.property(cases, ([shape, offset, memory]) => {
        const bytes = memory.subarray(offset);
        const tensor = fromRawBytes("x", datatype, shape, bytes);
        expect(tensor).toMatchObject({ name: "x", datatype, shape });
        expect(tensor.data.length).toBe(elementCount(shape));
        expect(byteSize(tensor)).toBe(bytes.length);
        const data = tensor.data as Uint8Array;
        const isAligned = (memory.byteOffset + offset) % width === 0;
        if (isAligned) expect(data.buffer).toBe(memory.buffer);
        // One copy of these bytes, not of the memory around them.
        else expect(data.buffer.byteLength).toBe(bytes.length);
        const raw = toRawBytes(tensor);
        expect([...raw]).toEqual([...bytes]);
        expect(raw.buffer).toBe(data.buffer);
      }),
    );
  });

  test("a Buffer out of the pool is read at its own offset", () => {
    const pooled = Buffer.from(Uint8Array.of(0, 0, 0, 0, 128, 63, 0, 0, 0, 64)).subarray(2);
    expect([...(fromRawBytes("x", "FP32", [2], pooled).data as Float32Array)]).toEqual([1, 2]);
  });

  test("elements are little-endian", () => {
    expect([...toRawBytes(createTensor("x", "INT32", [1], Int32Array.of(1)))]).toEqual([1, 0, 0, 0]);
    expect(fromRawBytes("x", "UINT64", [1], Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 128)).data[0]).toBe(2n ** 63n + 1n);
  });

  test("BYTES are framed", () => {
    const tensor = createTensor("x", "BYTES", [2, 1], [Uint8Array.of(1, 2), Uint8Array.of()]);
    const raw = toRawBytes(tensor);
    expect([...raw]).toEqual([2, 0, 0, 0, 1, 2, 0, 0, 0, 0]);
    expect(byteSize(tensor)).toBe(raw.length);
    expect(fromRawBytes("x", "BYTES", [2, 1], raw)).toEqual(tensor);
  });

  test.each([
    ["FP32", [2, 2], 15, "tensor 'x': FP32 of shape [2,2] takes 16 bytes, got 15"],
    ["FP64", [1_000_000, 1_000_000], 8, "takes 8000000000000 bytes, got 8"],
    ["INT8", [2 ** 30, 2 ** 30], 1, "more elements than can be counted"],
    ["INT8", [-1], 1, "whole numbers ≥ 0, got [-1]"],
    ["UINT8", [], 0, "takes 1 bytes, got 0"],
    ["BYTES", [2 ** 40], 4, "expected 1099511627776 BYTES elements, got 1"],
  ] as const)("%s of %j in %d bytes is refused before memory is taken", (datatype, shape, length, message) => {
    expect(() => fromRawBytes("x", datatype, shape, new Uint8Array(length))).toThrow(message);
  });
});

describe("lookup tensors", () => {
  const table = Float32Array.from({ length: 256 }, (_, byte) => byte / 2);
  const negative = table.map((value) => -value);

  test("make floats channel by channel, interleaved or in planes, and only once", () => {
    const interleaved = new LookupTensor("x", [2, 2], Uint8Array.of(1, 2, 3, 4), [table, negative]);
    expect([...interleaved.data]).toEqual([0.5, -1, 1.5, -2]);
    expect(interleaved.data).toBe(interleaved.data);
    const planes = new LookupTensor("x", [2, 2], Uint8Array.of(1, 2, 3, 4), [table, negative], { run: 2 });
    expect([...planes.data]).toEqual([0.5, 1, -1.5, -2]);
  });

  test("fill raw bytes from their tables without keeping floats", () => {
    const tensor = new LookupTensor("x", [2], Uint8Array.of(2, 4), [table]);
    expect(toRawBytes(tensor)).toEqual(new Uint8Array(Float32Array.of(1, 2).buffer));
    expect(byteSize(tensor)).toBe(8);
  });

  test("keep bytes, tables, run and parameters under another name", () => {
    const tensor = new LookupTensor("x", [4], Uint8Array.of(1, 2, 3, 4), [table, negative], {
      run: 2,
      parameters: { a: 1 },
    });
    const renamed = renameTensor(tensor, "y");
    expect(renamed).toBeInstanceOf(LookupTensor);
    expect(renamed).toMatchObject({
      name: "y",
      bytes: tensor.bytes,
      tables: tensor.tables,
      run: 2,
      parameters: { a: 1 },
    });
    expect(renameTensor(tensor, "x")).toBe(tensor);
  });

  test.each([
    [[3], 2, [table], {}, "shape [3] takes 3 elements, got 2"],
    [[2], 2, [], {}, "tables of 256 values"],
    [[2], 2, [new Float32Array(255)], {}, "tables of 256 values"],
    [[2], 2, [table], { run: 0 }, "run must be a whole number from 1 on, got 0"],
    [[2], 2, [table], { run: 1.5 }, "run must be a whole number from 1 on, got 1.5"],
    [[-2], 2, [table], {}, "got [-2]"],
  ])("shape %j of %d bytes is refused where it does not fit", (shape, length, tables, options, message) => {
    expect(() => new LookupTensor("x", shape, new Uint8Array(length), tables, options)).toThrow(message);
  });
});
