import { DATATYPES, type Datatype } from "../../tensor/datatype.ts";
import { toBfloat16Array, toFloat16Array } from "../../tensor/elements/float16.ts";
import { elementCount } from "../../tensor/shape.ts";
import { createTensor, type Tensor } from "../../tensor/tensor.ts";

/**
 * A tensor of made-up values that are the same at each start: floats spread over 0 to 1, whole numbers from 0 to 9, both truth
 * values, short texts. Another `from` makes other values.
 */
export function makeTensor(name: string, datatype: Datatype, shape: readonly number[], from = 0): Tensor {
  const length = elementCount(shape);
  // The fractional parts of multiples of the golden ratio: spread over 0 to 1, and never random.
  const values = Array.from({ length }, (_, index) => ((from + index + 1) * 0.618034) % 1);
  return createTensor(name, datatype, shape, toData(datatype, values, from));
}

function toData(datatype: Datatype, values: readonly number[], from: number): Tensor["data"] {
  if (datatype === "BYTES") return values.map((_, index) => new TextEncoder().encode(`text ${from + index}`));
  if (datatype === "FP16") return toFloat16Array(values);
  if (datatype === "BF16") return toBfloat16Array(values);
  const data = DATATYPES[datatype].create(values.length) as Exclude<Tensor["data"], readonly Uint8Array[]>;
  const isFloat = datatype === "FP32" || datatype === "FP64";
  for (const [index, value] of values.entries()) {
    const whole = datatype === "BOOL" ? (from + index) % 2 : Math.floor(value * 10);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[index] = BigInt(whole);
    else data[index] = isFloat ? value : whole;
  }
  return data;
}
