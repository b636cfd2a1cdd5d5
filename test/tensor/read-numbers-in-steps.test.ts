import {
  type NumbersRead,
  type ReadNumbersOptions,
  readNumberArray,
  readNumberArrayInSteps,
} from "../../src/tensor/read-numbers.ts";

/** In steps of a few bytes. */
function readInSteps(
  text: Buffer,
  options: ReadNumbersOptions,
  piece: number,
): NumbersRead & { readonly steps: number } {
  const work = readNumberArrayInSteps(text, 0, options, piece);
  for (let steps = 0; ; steps++) {
    const { done, value } = work.next();
    if (done === true) return { ...value, steps };
  }
}

/** Nested text with spaces here and there; the numbers count up from 0 and are those of every datatype. */
function format(shape: readonly number[], spaces: boolean): Buffer {
  let next = 0;
  const write = (depth: number): string => {
    const parts = Array.from({ length: shape[depth] ?? 0 }, () =>
      depth === shape.length - 1 ? String(next++ % 100) : write(depth + 1),
    );
    return spaces ? `[ ${parts.join(" , ")} ]` : `[${parts.join(",")}]`;
  };
  return Buffer.from(write(0));
}

const SHAPES = [
  [9000],
  [1, 9000],
  [9000, 1],
  [5000, 2],
  [3000, 3],
  [2, 2048],
  [4, 2048],
  [2, 4096],
  [2, 3, 2000],
  [3, 2049],
  [40, 15, 15],
];
const DATATYPES = ["FP32", "FP64", "FP16", "INT64", "INT32", "UINT8"] as const;

/** Rows are left where 2,048 numbers are read: in the middle, at their last number, and between two of them. */
test.each(SHAPES.map((shape) => ({ shape })))("numbers of shape $shape are the same in steps", ({ shape }) => {
  for (const datatype of DATATYPES) {
    for (const spaces of [false, true]) {
      const text = format(shape, spaces);
      const options = { name: "x", datatype, maxDepth: 8, maxElements: 1e6 };
      const expected = readNumberArray(text, 0, options);
      expect(expected.shape).toEqual(shape);
      for (const bytes of [100, 7777]) {
        const read = readInSteps(text, options, bytes);
        expect([read.shape, read.end]).toEqual([shape, text.length]);
        expect(Buffer.from(read.data.buffer).equals(Buffer.from(expected.data.buffer))).toBe(true);
        expect(read.steps).toBeGreaterThan(0);
      }
    }
  }
});

test.each(["[[1,2],[3]]", "[[1,2],3]", "[1,]"])("a fault in %s is told alike", (end) => {
  const text = Buffer.from(`[${"[1,2],".repeat(4000)}${end.slice(1)}`);
  const options = { name: "x", datatype: "INT32", maxDepth: 8, maxElements: 1e6 } as const;
  expect(messageOf(() => readInSteps(text, options, 100))).toBe(messageOf(() => readNumberArray(text, 0, options)));
});

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("expected a fault");
}
