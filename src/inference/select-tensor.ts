import { InferenceError } from "../errors.ts";
import type { Datatype } from "../tensor/datatype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Side } from "./rows-and-tensors.ts";

/** One of `tensors` by name, or the only one; the datatype is checked when given. */
export function selectTensor(tensors: readonly Tensor[], side: Side, name?: string, datatype?: Datatype): Tensor {
  const tensor = name === undefined ? tensors[0] : tensors.find((candidate) => candidate.name === name);
  const code = side === "input" ? "invalid_argument" : "bad_gateway";
  const there = tensors.map((candidate) => `'${candidate.name}'`).join(", ") || "none";
  if (tensor === undefined) {
    const wanted = name === undefined ? `an ${side}` : `${side} '${name}'`;
    throw new InferenceError(`expected ${wanted}, got ${side}s: ${there}`, { code });
  }
  if (name === undefined && tensors.length > 1) {
    throw new InferenceError(`expected one ${side}, got ${tensors.length}: ${there}`, { code });
  }
  if (datatype !== undefined && tensor.datatype !== datatype) {
    throw new InferenceError(`${side} '${tensor.name}': expected datatype ${datatype}, got ${tensor.datatype}`, {
      code,
    });
  }
  return tensor;
}
