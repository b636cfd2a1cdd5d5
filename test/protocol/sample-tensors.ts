import type { Datatype, TensorDataByDatatype } from "../../src/tensor/datatype.ts";
import { toBfloat16, toFloat16 } from "../../src/tensor/elements/float16.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { createTensor, type Tensor } from "../../src/tensor/tensor.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Elements of each datatype that an encoding gets wrong first: the ends of the range, signs, digits, escapes. */
export const ELEMENTS: { readonly [D in Datatype]: TensorDataByDatatype[D] } = {
  BOOL: Uint8Array.of(1, 0),
  UINT8: Uint8Array.of(0, 1, 255),
  UINT16: Uint16Array.of(0, 65535, 256),
  UINT32: Uint32Array.of(4294967295, 0, 65536),
  UINT64: BigUint64Array.of(18446744073709551615n, 9007199254740993n, 0n),
  INT8: Int8Array.of(-128, 127, -1),
  INT16: Int16Array.of(-32768, 32767, -1),
  INT32: Int32Array.of(-2147483648, 2147483647, -1),
  INT64: BigInt64Array.of(-9223372036854775808n, 9223372036854775807n, -9007199254740993n, 7n),
  FP16: Uint16Array.from([0.1, -65504, 6e-8, 1], toFloat16),
  BF16: Uint16Array.from([0.1, -3e38, 1e-38, 1], toBfloat16),
  FP32: Float32Array.of(0.1, -3.4028234663852886e38, 1.401298464324817e-45, 16777216, -0),
  FP64: Float64Array.of(0.1, -1.7976931348623157e308, 5e-324, 1 / 3, 1e21, -0),
  BYTES: [bytes(""), bytes("grüße 🌍"), bytes('"\\\n\u0001'), bytes("{}"), bytes("0")],
};

/** A tensor of these elements, over and over until the shape is full. */
export function sampleTensor<D extends Datatype>(datatype: D, shape: readonly number[], name = "x"): Tensor<D> {
  const elements: ArrayLike<unknown> = ELEMENTS[datatype];
  const data = Array.from({ length: elementCount(shape) }, (_, i) => elements[i % elements.length]);
  const typed =
    datatype === "BYTES" ? data : (ELEMENTS[datatype] as Uint8Array).constructor.prototype.constructor.from(data);
  return createTensor(name, datatype, shape, typed);
}
