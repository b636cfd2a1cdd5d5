import { invalidArgument } from "../../errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** The tensor itself. @throws InferenceError invalid_argument for more elements than the limit. */
export function assertElements(tensor: Tensor, maxElements: number): Tensor {
  const { name, shape, data } = tensor;
  if (data.length <= maxElements) return tensor;
  throw invalidArgument(
    `tensor '${name}': shape ${formatShape(shape)} has ${data.length} elements, more than the limit of ${maxElements} (max_elements)`,
  );
}
