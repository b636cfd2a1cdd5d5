import type { InferRequest } from "../../inference/infer-request.ts";
import { createFunctionPredictor } from "../../predictor/embedded/function-predictor.ts";
import type { Predictor } from "../../predictor/predictor.ts";
import type { Tensor, TensorSpec } from "../../tensor/tensor.ts";
import { makeTensor } from "./make-tensor.ts";

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
    (request) => ({ outputs: outputs.map((spec) => toTensor(spec, countRows(request))) }),
    { description: `mock: ${names}` },
  );
}

function countRows({ values }: InferRequest): number {
  return values.native === "rows" ? values.rows().length : (values.tensors()[0]?.shape[0] ?? 1);
}

function toTensor({ name, datatype, shape }: TensorSpec, rows: number): Tensor {
  return makeTensor(
    name,
    datatype,
    shape.map((size, index) => (size >= 0 ? size : index === 0 ? rows : 1)),
  );
}
