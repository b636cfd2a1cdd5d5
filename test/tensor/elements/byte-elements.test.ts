import fc from "fast-check";
import { decodeByteElements, encodeByteElements } from "../../../src/tensor/elements/byte-elements.ts";

const frame = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

describe("BYTES elements", () => {
  test("are framed by their little-endian lengths", () => {
    expect(encodeByteElements([frame(7), frame(), frame(8, 9)])).toEqual(
      frame(1, 0, 0, 0, 7, 0, 0, 0, 0, 2, 0, 0, 0, 8, 9),
    );
    expect(encodeByteElements([new Uint8Array(258)]).subarray(0, 4)).toEqual(frame(2, 1, 0, 0));
  });

  test("come back as views of the same memory, from any offset", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), fc.nat(5), (elements, offset) => {
        const framed = encodeByteElements(elements);
        const memory = new Uint8Array(framed.length + offset + 3);
        memory.set(framed, offset);
        const bytes = memory.subarray(offset, offset + framed.length);
        const back = decodeByteElements(bytes, elements.length, "x");
        expect(back.map((element) => [...element])).toEqual(elements.map((element) => [...element]));
        for (const element of back) expect(element.buffer).toBe(memory.buffer);
      }),
    );
  });

  test.each([
    [frame(1, 0, 0), 1, "expected a 4-byte length for BYTES element 0, got 3 left"],
    [frame(2, 0, 0, 0, 7), 1, "expected 2 bytes for BYTES element 0, got 1 left"],
    [frame(255, 255, 255, 255, 1), 1, "expected 4294967295 bytes for BYTES element 0, got 1 left"],
    [frame(1, 0, 0, 0, 7, 9), 1, "expected a 4-byte length for BYTES element 1, got 1 left"],
    [frame(1, 0, 0, 0, 7), 2, "expected 2 BYTES elements, got 1 in 5 bytes"],
    [frame(1, 0, 0, 0, 7, 0, 0, 0, 0), 1, "expected 1 BYTES elements, got 2 in 9 bytes"],
    [frame(), 2 ** 50, "expected 1125899906842624 BYTES elements, got 0 in 0 bytes"],
    [frame(0, 0, 0, 0), 0, "expected 0 BYTES elements, got 1 in 4 bytes"],
  ])("%j as %d elements is refused", (bytes, count, message) => {
    expect(() => decodeByteElements(bytes, count, "words")).toThrow(`tensor 'words': ${message}`);
  });
});
