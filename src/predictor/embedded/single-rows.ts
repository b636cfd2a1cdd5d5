import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { sliceTensor } from "../../tensor/concat-tensors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * The inputs of one call each: all together, or row by row for a model that was exported for a batch of one, as exporters do
 * by default. Such a model has the first dimension 1 in all that it takes and gives, so its rows know nothing of each other.
 */
export function toCalls(
  inputs: readonly Tensor[],
  { inputs: taken, outputs: given }: Pick<ModelMetadata, "inputs" | "outputs">,
): readonly (readonly Tensor[])[] {
  const rows = inputs[0]?.shape[0] ?? 0;
  const isSingle = [...taken, ...given].every(({ shape }) => shape[0] === 1);
  if (!isSingle || rows < 2 || inputs.some(({ shape }) => shape[0] !== rows)) return [inputs];
  return Array.from({ length: rows }, (_, row) => inputs.map((tensor) => sliceTensor(tensor, row, row + 1)));
}
