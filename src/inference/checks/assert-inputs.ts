import { invalidArgument } from "../../errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor, TensorSpec } from "../../tensor/tensor.ts";
import { bareShape } from "../rows-and-tensors.ts";

/**
 * Checks the tensors against what a model takes, or what a transformer declares: each input once and no others, its datatype,
 * rank and fixed dimensions. BYTES of [N] and [N, 1] are the same.
 * @throws InferenceError invalid_argument that names the input, what was expected and what came.
 */
export function assertInputs(tensors: readonly Tensor[], specs: readonly TensorSpec[]): void {
  const seen = new Set<string>();
  for (const tensor of tensors) {
    const { name, datatype, shape } = tensor;
    const spec = specs.find((candidate) => candidate.name === name);
    if (spec === undefined) {
      throw invalidArgument(`input '${name}': the model has no such input, it takes ${namesOf(specs)}`);
    }
    if (seen.has(name)) throw invalidArgument(`input '${name}' is there twice`);
    seen.add(name);
    if (datatype !== spec.datatype) {
      throw invalidArgument(`input '${name}': expected datatype ${spec.datatype}, got ${datatype}`);
    }
    if (!fits(bareShape(datatype, shape), bareShape(datatype, spec.shape))) {
      throw invalidArgument(`input '${name}': expected shape ${formatShape(spec.shape)}, got ${formatShape(shape)}`);
    }
  }
  const missing = specs.find(({ name }) => !seen.has(name));
  if (missing !== undefined) {
    throw invalidArgument(`input '${missing.name}' is missing, the model takes ${namesOf(specs)}`);
  }
}

function fits(shape: readonly number[], declared: readonly number[]): boolean {
  return declared.length === shape.length && declared.every((size, i) => size < 0 || size === shape[i]);
}

function namesOf(specs: readonly TensorSpec[]): string {
  return specs.map(({ name }) => `'${name}'`).join(", ");
}
