import { toCalls } from "../../../src/predictor/embedded/single-rows.ts";
import type { TensorSpec } from "../../../src/tensor/tensor.ts";
import { sampleTensor } from "../../protocol/sample-tensors.ts";

const spec = (name: string, shape: readonly number[]): TensorSpec => ({ name, datatype: "FP32", shape });
const rows = [sampleTensor("FP32", [3, 2], "a"), sampleTensor("FP32", [3, 4], "b")];
const TAKEN = [spec("a", [1, 2]), spec("b", [1, 4])];

test("one call a row where all that the model takes and gives is of one", () => {
  const calls = toCalls(rows, { inputs: TAKEN, outputs: [spec("c", [1])] });
  expect(calls.map((inputs) => inputs.map(({ name, shape }) => [name, shape]))).toEqual([
    [
      ["a", [1, 2]],
      ["b", [1, 4]],
    ],
    [
      ["a", [1, 2]],
      ["b", [1, 4]],
    ],
    [
      ["a", [1, 2]],
      ["b", [1, 4]],
    ],
  ]);
  expect(calls[2]?.[0]?.data).toEqual(rows[0]?.data.slice(4, 6));
});

test.each([
  ["an output of as many rows as are found", TAKEN, [spec("c", [-1, 4])]],
  ["an output without dimensions", TAKEN, [spec("c", [])]],
  ["an input of any number of rows", [spec("a", [-1, 2]), spec("b", [1, 4])], [spec("c", [1])]],
  ["an input of two", [spec("a", [1, 2]), spec("b", [2, 4])], [spec("c", [1])]],
])("all in one call with %s", (_, inputs, outputs) => {
  expect(toCalls(rows, { inputs, outputs })).toEqual([rows]);
});

test("all in one call where the inputs have other numbers of rows, one or none", () => {
  const metadata = { inputs: TAKEN, outputs: [spec("c", [1])] };
  const uneven = [sampleTensor("FP32", [3, 2], "a"), sampleTensor("FP32", [1, 4], "b")];
  for (const inputs of [uneven, [sampleTensor("FP32", [1, 2], "a")], [sampleTensor("FP32", [0, 2], "a")], []]) {
    expect(toCalls(inputs, metadata)).toEqual([inputs]);
  }
});
