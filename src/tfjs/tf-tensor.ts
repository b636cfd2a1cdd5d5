import { invalidArgument } from "../errors.ts";
import { DATATYPES, type Datatype } from "../tensor/datatype.ts";
import { fromBfloat16Array, fromFloat16Array } from "../tensor/elements/float16.ts";
import { elementCount } from "../tensor/shape.ts";
import { createTensor, type Tensor } from "../tensor/tensor.ts";
import type { TfModule, TfTensor } from "./tf-module.ts";

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/**
 * A TensorFlow.js tensor of the same shape and values; the caller disposes it, or `withTensors` does.
 *
 * | datatype | dtype |
 * | --- | --- |
 * | FP32, FP16, BF16 | float32, exactly |
 * | integers | int32, exactly or not at all |
 * | BOOL | bool |
 * | BYTES | string |
 *
 * @throws InferenceError invalid_argument for FP64, which TensorFlow.js does not have, and for integers beyond 32 bits.
 */
export function toTfTensor(tf: TfModule, tensor: Tensor): TfTensor {
  const { dtype, values } = toTfValues(tensor);
  return tf.tensor(values as never, [...tensor.shape], dtype as never);
}

function toTfValues({ name, datatype, data }: Tensor): { readonly dtype: string; readonly values: unknown } {
  switch (datatype) {
    case "FP32":
      return { dtype: "float32", values: data };
    case "FP16":
      return { dtype: "float32", values: fromFloat16Array(data as Uint16Array) };
    case "BF16":
      return { dtype: "float32", values: fromBfloat16Array(data as Uint16Array) };
    case "BOOL":
      return { dtype: "bool", values: data };
    case "BYTES":
      return { dtype: "string", values: data };
    case "FP64":
      throw invalidArgument(`tensor '${name}': TensorFlow.js has no FP64; give FP32`);
    default:
      return { dtype: "int32", values: toInt32(name, data as ArrayLike<number | bigint>) };
  }
}

function toInt32(name: string, data: ArrayLike<number | bigint>): Int32Array {
  const values = new Int32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (value < INT32_MIN || value > INT32_MAX) {
      throw invalidArgument(`tensor '${name}': TensorFlow.js has integers of 32 bits, got ${data[i]} at element ${i}`);
    }
    values[i] = value;
  }
  return values;
}

const DATATYPE_OF: Readonly<Record<string, Datatype>> = {
  float32: "FP32",
  int32: "INT32",
  bool: "BOOL",
  string: "BYTES",
};

/** V2's datatype of a TensorFlow.js dtype; undefined for complex64. */
export function datatypeOf(dtype: string | undefined): Datatype | undefined {
  return DATATYPE_OF[dtype ?? "float32"];
}

/**
 * The values of a TensorFlow.js tensor under a name; the tensor is left to its owner.
 * @throws InferenceError invalid_argument for a dtype that V2 does not have (complex64).
 */
export async function fromTfTensor(name: string, tensor: TfTensor): Promise<Tensor> {
  const { dtype, shape } = tensor;
  const datatype = datatypeOf(dtype);
  if (datatype === undefined) throw invalidArgument(`tensor '${name}': V2 has no datatype for TensorFlow.js' ${dtype}`);
  if (datatype === "BYTES") {
    const bytes = await tensor.bytes();
    return createTensor(name, "BYTES", shape, Array.isArray(bytes) ? bytes : [bytes]);
  }
  const data = (await tensor.data()) as Float32Array;
  // A copy: on some backends the array is the backend's own memory, which goes with the tensor. Comparisons cast to float32
  // keep their array of bytes there.
  const copy = DATATYPES[datatype].create(elementCount(shape)) as Float32Array;
  copy.set(data.subarray(0, copy.length));
  return createTensor(name, datatype, shape, copy as never);
}
