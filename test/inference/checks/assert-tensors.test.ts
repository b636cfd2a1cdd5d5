import { createTensor, type Tensor } from "kserve-transformer";
import { formatElements, LookupTensor, toNested, toRawBytes } from "kserve-transformer/tensor";
import { assertTensors } from "../../../src/inference/checks/assert-tensors.ts";

const floats = createTensor("x", "FP32", [2], new Float32Array([1, 2]));

test.each([
  ["FP32", new Float64Array([1, 2]), /FP32 takes a Float32Array, got a Float64Array.*Float32Array\.from\(numbers\)/],
  ["FP32", [1, 2], /FP32 takes a Float32Array, got an array of 2 values/],
  [
    "INT64",
    new Int32Array([1, 2]),
    /INT64 takes a BigInt64Array, got a Int32Array.*BigInt64Array\.from\(numbers, BigInt\)/,
  ],
  ["INT32", new Float32Array([1.5, 2]), /INT32 takes a Int32Array, got a Float32Array/],
  ["UINT8", new Int8Array(2), /UINT8 takes a Uint8Array, got a Int8Array/],
  ["FP16", new Float32Array(2), /FP16 takes a Uint16Array, got a Float32Array.*toFloat16Array/],
  ["BYTES", ["a", "b"], /BYTES takes an array of Uint8Array, got the string "a" as element 0.*TextEncoder/],
  ["BYTES", new Uint8Array(2), /BYTES takes an array of Uint8Array, got a Uint8Array/],
  ["FP32", new Float32Array(3), /shape \[2\] takes 2 elements, got 3/],
  ["FLOAT32", new Float32Array(2), /datatype must be one of .*FP32.*got the string "FLOAT32"/],
])("createTensor refuses %s of other data, which is the author's fault", (datatype, data, message) => {
  const create = () => createTensor("x", datatype as never, [2], data as never);
  expect(create).toThrow(message);
  expect(create).toThrow(expect.objectContaining({ code: "internal", status: 500 }));
});

test("a Buffer is as good as a Uint8Array", () => {
  expect(createTensor("x", "UINT8", [2], Buffer.from([1, 2])).data).toHaveLength(2);
  expect(createTensor("x", "BYTES", [1], [Buffer.from("a")]).data).toHaveLength(1);
});

test.each([
  [Promise.resolve(floats), /withInputs takes an array of tensors, got a promise: write await/],
  [[Promise.resolve(floats)], /a promise as element 0: write await before it, as in \[await imageTensor\(…\)\]/],
  [floats, /got a lone tensor: write withInputs\(\[tensor\]\)/],
  [undefined, /got nothing/],
  [[new Float32Array(2)], /got a Float32Array as element 0: make it with createTensor/],
  [[{ ...floats, data: new Float64Array(2) }], /FP32 takes a Float32Array, got a Float64Array/],
  [[{ ...floats, shape: [3] }], /shape \[3\] takes 3 elements, got 2/],
  [[{ ...floats, shape: [-1] }], /shape must be an array of whole numbers/],
  [[floats, floats], /two tensors are named 'x'/],
])("tensors that a hook hands over are checked at once (%#)", (tensors, message) => {
  expect(() => assertTensors(tensors, "withInputs")).toThrow(message);
});

test("elements that are read when asked for stay unread", () => {
  const lazy = {
    name: "x",
    datatype: "FP32",
    shape: [1],
    get data(): Float32Array {
      throw new Error("read");
    },
  };
  const lookup = new LookupTensor("y", [1], new Uint8Array(1), [new Float32Array(256)]);
  expect(() => assertTensors([lazy, lookup], "withInputs")).not.toThrow();
});

test.each([
  ["raw bytes", (tensor: Tensor) => toRawBytes(tensor)],
  ["text", (tensor: Tensor) => formatElements(tensor, "flat")],
  ["JSON values", (tensor: Tensor) => toNested(tensor)],
])("an encoder of %s refuses an array of another class", (_, encode) => {
  const forged = { name: "x", datatype: "FP32", shape: [2], data: new Float64Array([1, 2]) } as unknown as Tensor;
  expect(() => encode(forged)).toThrow(/FP32 takes a Float32Array, got a Float64Array/);
});
