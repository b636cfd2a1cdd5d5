import type { InferRequest } from "../../inference/infer-request.ts";
import { createFunctionPredictor } from "../../predictor/embedded/function-predictor.ts";
import type { Predictor } from "../../predictor/predictor.ts";
import { DATATYPES } from "../../tensor/datatype.ts";
import { toBfloat16Array, toFloat16Array } from "../../tensor/elements/float16.ts";
import { elementCount } from "../../tensor/shape.ts";
import { createTensor, type Tensor, type TensorSpec } from "../../tensor/tensor.ts";

/**
 * A predictor for `dev --mock`: tensors of the declared names, datatypes and shapes with made-up values that are the same at
 * each start; a first dimension of any size is the request's number of rows. Without a declaration it gives back its inputs.
 */
export function createDeclaredPredictor(outputs: readonly TensorSpec[] | undefined): Predictor {
  if (outputs === undefined || outputs.length === 0) {
    return createFunctionPredictor((request) => ({ outputs: request.inputs }), { description: "mock: its inputs" });
  }
  const names = outputs.map(({ name }) => name).join(", ");
  return createFunctionPredictor(
    (request) => ({ outputs: outputs.map((spec) => makeTensor(spec, countRows(request))) }),
    { description: `mock: ${names}` },
  );
}

function countRows({ values }: InferRequest): number {
  return values.native === "rows" ? values.rows().length : (values.tensors()[0]?.shape[0] ?? 1);
}

function makeTensor({ name, datatype, shape }: TensorSpec, rows: number): Tensor {
  const sizes = shape.map((size, index) => (size >= 0 ? size : index === 0 ? rows : 1));
  const length = elementCount(sizes);
  // The fractional parts of multiples of the golden ratio: spread over 0 to 1, and never random.
  const values = Array.from({ length }, (_, index) => ((index + 1) * 0.618034) % 1);
  return createTensor(name, datatype, sizes, toData(datatype, values));
}

function toData(datatype: TensorSpec["datatype"], values: readonly number[]): Tensor["data"] {
  if (datatype === "BYTES") return values.map((_, index) => new TextEncoder().encode(`text ${index}`));
  if (datatype === "FP16") return toFloat16Array(values);
  if (datatype === "BF16") return toBfloat16Array(values);
  const data = DATATYPES[datatype].create(values.length) as Exclude<Tensor["data"], readonly Uint8Array[]>;
  const isFloat = datatype === "FP32" || datatype === "FP64";
  for (const [index, value] of values.entries()) {
    const whole = datatype === "BOOL" ? index % 2 : Math.floor(value * 10);
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[index] = BigInt(whole);
    else data[index] = isFloat ? value : whole;
  }
  return data;
}
