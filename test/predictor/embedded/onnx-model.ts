import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Datatype } from "../../../src/tensor/datatype.ts";

/** `TensorProto.DataType` of onnx.proto3. */
export const ONNX_ELEMENT_TYPE: Readonly<Partial<Record<Datatype, number>>> = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
};

interface Port {
  readonly name: string;
  readonly datatype: Datatype;
  /** A text is a symbolic dimension. */
  readonly shape: readonly (number | string)[];
}

/** An ONNX model whose outputs are its inputs: hand-written protobuf, one Identity node for each pair. Gives its path. */
export function writeIdentityModel(pairs: readonly { readonly input: Port; readonly output: Port }[]): string {
  const nodes = pairs.map(({ input, output }) =>
    field(1, [...text(1, input.name), ...text(2, output.name), ...text(4, "Identity")]),
  );
  const graph = [
    ...nodes.flat(),
    ...text(2, "identity"),
    ...pairs.flatMap(({ input }) => field(11, valueInfo(input))),
    ...pairs.flatMap(({ output }) => field(12, valueInfo(output))),
  ];
  const model = [...number(1, 8), ...field(7, graph), ...field(8, number(2, 16))];
  const path = join(mkdtempSync(join(tmpdir(), "identity-")), "identity.onnx");
  writeFileSync(path, Uint8Array.from(model));
  return path;
}

function valueInfo({ name, datatype, shape }: Port): number[] {
  const dimensions = shape.flatMap((size) => field(1, typeof size === "number" ? number(1, size) : text(2, size)));
  const tensorType = [...number(1, ONNX_ELEMENT_TYPE[datatype] ?? 0), ...field(2, dimensions)];
  return [...text(1, name), ...field(2, field(1, tensorType))];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function number(id: number, value: number): number[] {
  return [...varint(id * 8), ...varint(value)];
}

function field(id: number, bytes: readonly number[]): number[] {
  return [...varint(id * 8 + 2), ...varint(bytes.length), ...bytes];
}

function text(id: number, value: string): number[] {
  return field(id, [...new TextEncoder().encode(value)]);
}
