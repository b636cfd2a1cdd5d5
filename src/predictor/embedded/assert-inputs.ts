import { invalidArgument } from "../../errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor, TensorSpec } from "../../tensor/tensor.ts";

/**
 * Checks the tensors against what the model takes.
 * @throws InferenceError invalid_argument that names the input, what was expected and what came.
 */
export function assertInputs(tensors: readonly Tensor[], specs: readonly TensorSpec[]): void {
  const taken = specs.map(({ name }) => `'${name}'`).join(", ");
  for (const [index, { name }] of tensors.entries()) {
    if (!specs.some((spec) => spec.name === name)) {
      throw invalidArgument(`input '${name}': the model has no such input, it takes ${taken}`);
    }
    if (tensors.findIndex((other) => other.name === name) !== index) {
      throw invalidArgument(`input '${name}' is there twice`);
    }
  }
  for (const spec of specs) {
    const tensor = tensors.find(({ name }) => name === spec.name);
    if (tensor === undefined) throw invalidArgument(`input '${spec.name}' is missing, the model takes ${taken}`);
    if (tensor.datatype !== spec.datatype) {
      throw invalidArgument(`input '${spec.name}': expected datatype ${spec.datatype}, got ${tensor.datatype}`);
    }
    const { shape } = spec;
    const fits = shape.length === tensor.shape.length && shape.every((size, i) => size < 0 || size === tensor.shape[i]);
    if (!fits) {
      throw invalidArgument(
        `input '${spec.name}': expected shape ${formatShape(shape)}, got ${formatShape(tensor.shape)}`,
      );
    }
  }
}
