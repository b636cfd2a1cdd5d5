import type { Datatype, TensorDataByDatatype } from "../tensor/datatype.ts";
import type { Parameters, Tensor } from "../tensor/tensor.ts";

/**
 * A tensor whose elements are read when first asked for. `data` is an own member, so that a spread copy of the tensor has
 * it too.
 */
export function createLazyTensor<D extends Datatype>(
  name: string,
  datatype: D,
  shape: readonly number[],
  read: () => TensorDataByDatatype[D],
  parameters?: Parameters,
): Tensor<D> {
  let data: TensorDataByDatatype[D] | undefined;
  return {
    name,
    datatype,
    shape,
    get data() {
      data ??= read();
      return data;
    },
    ...(parameters === undefined ? {} : { parameters }),
  };
}
