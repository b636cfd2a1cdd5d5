import { InferResponse } from "../../../src/inference/infer-response.ts";
import { TensorValues } from "../../../src/inference/row-and-tensor-values.ts";
import { splitResponse } from "../../../src/predictor/batching/split-response.ts";
import { createTensor } from "../../../src/tensor/tensor.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const TENSORS = [
  createTensor("a", "FP32", [3, 2], new Float32Array([1, 2, 3, 4, 5, 6])),
  createTensor("b", "BYTES", [3], [bytes("x"), bytes("y"), bytes("z")]),
];

describe("the parts of a response", () => {
  const split = () =>
    splitResponse(
      new InferResponse({
        modelName: "m",
        content: { parameters: {}, members: {}, values: new TensorValues(TENSORS, "output") },
      }),
      [1, 2],
    ).map(({ outputs }) => outputs);

  test("are the rows in order", () => {
    expect(split()).toEqual([
      [createTensor("a", "FP32", [1, 2], new Float32Array([1, 2])), createTensor("b", "BYTES", [1], [bytes("x")])],
      [
        createTensor("a", "FP32", [2, 2], new Float32Array([3, 4, 5, 6])),
        createTensor("b", "BYTES", [2], [bytes("y"), bytes("z")]),
      ],
    ]);
  });

  // A hook may take the whole buffer of its tensor, to hand it to another thread or to change it in place.
  test("share no memory", () => {
    const parts = split().map((outputs) => (outputs[0]?.data ?? []) as Float32Array);
    expect(parts.map(({ buffer }) => buffer.byteLength)).toEqual([8, 16]);
    expect(new Set(parts.map(({ buffer }) => buffer)).size).toBe(2);
  });
});
