import { invalidArgument } from "../errors.ts";
import { DATATYPES } from "../tensor/datatype.ts";
import { numericElements } from "../tensor/elements/numeric-elements.ts";
import { createTensor, type ParameterValue, type Tensor } from "../tensor/tensor.ts";

/**
 * The classification extension (Triton's docs/protocol/extension_classification.md): the `count` largest values of each row
 * of the last dimension as texts `"value:index"`, largest first; a value has six decimals, as Triton prints it. A tensor
 * [N, classes] becomes BYTES [N, count], [classes] becomes [count]. BYTES stay as they are: the predictor has classified.
 * @throws InferenceError invalid_argument for a count that is no whole number ≥ 1, and for a scalar.
 */
export function classifyTensor(tensor: Tensor, count: ParameterValue): Tensor {
  const { name, shape, datatype } = tensor;
  const wanted = Number(count);
  if (!Number.isInteger(wanted) || wanted < 1) {
    throw invalidArgument(`output '${name}': classification must be a whole number ≥ 1, got ${String(count)}`);
  }
  if (DATATYPES[datatype].kind === "bytes") return tensor;
  const classes = shape.at(-1);
  if (classes === undefined) throw invalidArgument(`output '${name}': a scalar has no classes`);
  const values = numericElements(tensor);
  const top = Math.min(wanted, classes);
  const encoder = new TextEncoder();
  const texts: Uint8Array[] = [];
  for (let start = 0; start < values.length; start += classes) {
    const row = Array.from({ length: classes }, (_, index) => index);
    row.sort((a, b) => Number(values[start + b]) - Number(values[start + a]) || a - b);
    for (const index of row.slice(0, top)) {
      texts.push(encoder.encode(`${Number(values[start + index]).toFixed(6)}:${index}`));
    }
  }
  return createTensor(name, "BYTES", [...shape.slice(0, -1), top], texts);
}
