import type { Values } from "../inference/values.ts";
import type { Tensor, TensorSpec } from "../tensor/tensor.ts";

/** Values whose columns are derived from JSON without datatypes, so that they can be derived by other specs as well. */
export interface DerivedValues extends Values {
  /** The columns by these specs instead of the declared ones. @throws InferenceError when they do not fit. */
  tensorsAs(specs: readonly TensorSpec[] | undefined): readonly Tensor[];
}

export function isDerived(values: Values): values is DerivedValues {
  return "tensorsAs" in values;
}
