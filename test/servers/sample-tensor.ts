import { createTensor, type Tensor } from "kserve-transformer";
import { DATATYPES, type Datatype, elementCount } from "kserve-transformer/tensor";

/** Extreme and ordinary finite values of each datatype; texts for BYTES, bits for FP16 (1, -2, 65504, 2^-24, 0, -0). */
const VALUES: { readonly [D in Exclude<Datatype, "BF16">]: readonly (number | bigint | string)[] } = {
  BOOL: [1, 0, 0, 1, 1, 0],
  UINT8: [0, 255, 1, 128, 7, 9],
  UINT16: [0, 65535, 1, 256, 7, 9],
  UINT32: [0, 4294967295, 1, 65536, 7, 9],
  UINT64: [0n, 18446744073709551615n, 1n, 9007199254740993n, 7n, 9n],
  INT8: [0, -128, 127, -1, 7, 9],
  INT16: [0, -32768, 32767, -1, 7, 9],
  INT32: [0, -2147483648, 2147483647, -1, 7, 9],
  INT64: [0n, -9223372036854775808n, 9223372036854775807n, -1n, 9007199254740993n, 9n],
  FP16: [0x3c00, 0xc000, 0x7bff, 0x0001, 0x0000, 0x8000],
  FP32: [0.1, -0, 3.4028234663852886e38, 1.401298464324817e-45, -1.5, 16777217],
  FP64: [0.1, -0, Number.MAX_VALUE, Number.MIN_VALUE, -1.5, 0.30000000000000004],
  BYTES: ["", "Oslo", "東京 🏙️", '"quoted" \\ and\nlines', "\u0000", "0.1"],
};

export const ECHOED = Object.keys(VALUES) as (keyof typeof VALUES)[];

/** A tensor of six elements, or of none where the shape has a 0. */
export function sampleTensor(name: string, datatype: keyof typeof VALUES, shape: readonly number[]): Tensor {
  const values = VALUES[datatype].slice(0, elementCount(shape));
  if (datatype === "BYTES")
    return createTensor(
      name,
      "BYTES",
      shape,
      values.map((value) => Buffer.from(String(value))),
    );
  const data = DATATYPES[datatype].create(values.length) as Uint8Array | BigInt64Array;
  values.forEach((value, index) => {
    data[index] = value as never;
  });
  return createTensor(name, datatype, shape, data as never);
}

/** Everything of a tensor but its name, comparable to the bit. */
export function bitsOf({ datatype, shape, data }: Tensor): {
  datatype: string;
  shape: readonly number[];
  bits: string[];
} {
  const elements = ArrayBuffer.isView(data) ? [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] : data;
  return { datatype, shape, bits: elements.map((element) => Buffer.from(element).toString("hex")) };
}
