import { InferenceError } from "../errors.ts";
import { fromBfloat16Array, fromFloat16Array } from "../tensor/elements/float16.ts";
import { formatShape } from "../tensor/shape.ts";
import { isTensorOf, type Tensor } from "../tensor/tensor.ts";
import type { Pace } from "./pace.ts";

/** Elements converted between two looks at the clock. */
const SLICE = 2 ** 18;

/**
 * A tensor's numbers as float32, as Python's models give them; its own data where it is FP32.
 * @throws InferenceError bad_gateway for BYTES.
 */
export async function tensorFloats(tensor: Tensor, pace: Pace): Promise<Float32Array> {
  if (isTensorOf(tensor, "FP32")) return tensor.data;
  const convert = converterOf(tensor);
  const values = new Float32Array(tensor.data.length);
  for (let start = 0; start < values.length; start += SLICE) {
    values.set(convert(start, start + SLICE), start);
    if (pace.isDue) await pace.rest();
  }
  return values;
}

/**
 * `tensorFloats`, each of them finite.
 * @throws InferenceError bad_gateway that says which is not.
 */
export async function finiteFloats(tensor: Tensor, pace: Pace): Promise<Float32Array> {
  const values = await tensorFloats(tensor, pace);
  for (let start = 0; start < values.length; start += SLICE) {
    const wrong = values.subarray(start, start + SLICE).findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw unexpectedOutput(tensor, "finite numbers", `${values[start + wrong]} at ${start + wrong}`);
    }
    if (pace.isDue) await pace.rest();
  }
  return values;
}

function converterOf(tensor: Tensor): (start: number, end: number) => ArrayLike<number> {
  if (isTensorOf(tensor, "FP16")) return (start, end) => fromFloat16Array(tensor.data.subarray(start, end));
  if (isTensorOf(tensor, "BF16")) return (start, end) => fromBfloat16Array(tensor.data.subarray(start, end));
  const { data } = tensor;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return (start, end) => Array.from<bigint, number>(data.subarray(start, end), Number);
  }
  if (!ArrayBuffer.isView(data)) throw unexpectedOutput(tensor, "numbers");
  return (start, end) => data.subarray(start, end);
}

/** The error for an output that is not what the model's kind gives: `output 'boxes': expected …, got FP32 of shape [1,7]`. */
export function unexpectedOutput(tensor: Tensor, expected: string, got?: string): InferenceError {
  const came = got ?? `${tensor.datatype} of shape ${formatShape(tensor.shape)}`;
  return new InferenceError(`output '${tensor.name}': expected ${expected}, got ${came}`, { code: "bad_gateway" });
}
