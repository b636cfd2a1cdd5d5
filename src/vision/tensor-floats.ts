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

/** What quantisation and half floats may put a share beyond its ends. */
const SLACK = 0.01;

/** Whether a number can be a score or a share; false for NaN. */
export function isShare(value: number): boolean {
  return value >= -SLACK && value <= 1 + SLACK;
}

/**
 * @param first Number of the first class.
 * @throws InferenceError bad_gateway for the number of a class that the model does not have: its labels are others.
 */
export function assertClass(
  tensor: Tensor,
  name: number,
  first: number,
  classes: number | undefined,
  box: number,
): void {
  const last = classes === undefined ? Number.POSITIVE_INFINITY : first + classes - 1;
  if (name >= first && name <= last) return;
  const expected = classes === undefined ? `classes from ${first} on` : `classes from ${first} to ${last}, one a label`;
  throw unexpectedOutput(tensor, expected, `${name} for box ${box}`);
}
