import type { NumericData } from "../datatype.ts";
import { isTensorOf, type Tensor } from "../tensor.ts";
import { fromBfloat16Array, fromFloat16Array } from "./float16.ts";

/** A tensor's own elements; 16-bit floats as the float32 values that they are. Not for BYTES. */
export function numericElements(tensor: Tensor): NumericData {
  if (isTensorOf(tensor, "FP16")) return fromFloat16Array(tensor.data);
  if (isTensorOf(tensor, "BF16")) return fromBfloat16Array(tensor.data);
  return tensor.data as NumericData;
}

/** A tensor's elements as doubles; 64-bit integers beyond 2^53 are rounded. Not for BYTES. */
export function toNumbers(tensor: Tensor): number[] {
  return Array.from<number | bigint, number>(numericElements(tensor), Number);
}
