import { InferenceError } from "../errors.ts";
import { toNumbers } from "../tensor/elements/numeric-elements.ts";
import { formatShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * A tensor's numbers, one array for each place of its leading dimensions ([N, L] gives N rows of L, [L] one).
 * @throws InferenceError bad_gateway for BYTES and for a scalar.
 */
export function scoreRows(tensor: Tensor): number[][] {
  const width = tensor.shape.at(-1);
  if (width === undefined || tensor.datatype === "BYTES") {
    throw new InferenceError(
      `output '${tensor.name}': expected numbers of shape [rows, labels], got ${tensor.datatype} of shape ${formatShape(tensor.shape)}`,
      { code: "bad_gateway" },
    );
  }
  const scores = toNumbers(tensor);
  const rows: number[][] = [];
  for (let start = 0; start < scores.length; start += width) rows.push(scores.slice(start, start + width));
  return rows;
}

/**
 * The scores of each row, checked against the labels.
 * @throws InferenceError bad_gateway when the model has another number of outputs; internal for a label that is there twice.
 */
export function labelledRows(tensor: Tensor, labels: readonly string[]): number[][] {
  if (new Set(labels).size < labels.length) {
    const twice = labels.find((label, index) => labels.indexOf(label) !== index);
    throw new InferenceError(`label '${twice}' is there twice`);
  }
  const rows = scoreRows(tensor);
  const width = tensor.shape.at(-1);
  if (width !== labels.length) {
    throw new InferenceError(
      `output '${tensor.name}' of shape ${formatShape(tensor.shape)}: expected ${labels.length} scores a row, one a label, got ${width}`,
      { code: "bad_gateway" },
    );
  }
  return rows;
}
