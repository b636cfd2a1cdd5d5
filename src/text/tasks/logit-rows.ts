import { InferenceError } from "../../errors.ts";
import { toNumbers } from "../../tensor/elements/numeric-elements.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * A tensor's numbers, one array for each place of its leading dimensions.
 * @throws InferenceError bad_gateway for BYTES, for a scalar and for values that are not finite.
 */
export function logitRows(tensor: Tensor): number[][] {
  const width = tensor.shape.at(-1);
  if (width === undefined || tensor.datatype === "BYTES") {
    const message = `output '${tensor.name}': expected numbers, got ${tensor.datatype} of shape [${tensor.shape}]`;
    throw new InferenceError(message, { code: "bad_gateway" });
  }
  const values = toNumbers(tensor);
  if (!values.every(Number.isFinite)) {
    throw new InferenceError(`output '${tensor.name}': a value is not finite`, { code: "bad_gateway" });
  }
  const rows: number[][] = [];
  for (let start = 0; start < values.length; start += width) rows.push(values.slice(start, start + width));
  return rows;
}

/**
 * What a model says of each token: for each encoding its tokens' rows, from a tensor of shape [encodings, tokens, width].
 * @throws InferenceError bad_gateway when the tensor has other sizes than the tokens that were sent.
 */
export function tokenRows(tensor: Tensor, encodings: number, tokens: number): number[][][] {
  if (tensor.shape.length !== 3 || tensor.shape[0] !== encodings || tensor.shape[1] !== tokens) {
    const message = `output '${tensor.name}': expected shape [${encodings}, ${tokens}, …], one row a token, got [${tensor.shape}]`;
    throw new InferenceError(message, { code: "bad_gateway" });
  }
  const rows = logitRows(tensor);
  return Array.from({ length: encodings }, (_, index) => rows.slice(index * tokens, (index + 1) * tokens));
}
