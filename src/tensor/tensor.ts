import { DATATYPES, type Datatype, type TensorDataByDatatype } from "./datatype.ts";
import { assertElements } from "./elements/assert-elements.ts";
import { elementCount } from "./shape.ts";

/** Value of a V2 parameter: a string, a boolean or a number (bigint beyond 2^53). */
export type ParameterValue = string | number | bigint | boolean;
export type Parameters = Readonly<Record<string, ParameterValue>>;

/** Name, datatype and shape of a tensor that is not there yet; -1 is a dimension of any size. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** A named block of elements, row-major; read-only by type. */
export interface Tensor<D extends Datatype = Datatype> {
  readonly name: string;
  readonly datatype: D;
  /** Sizes, outermost first; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** product(shape) elements. May be computed when first read. */
  readonly data: TensorDataByDatatype[D];
  /** V2 parameters of this tensor; wire controls such as `binary_data_size` never appear here. */
  readonly parameters?: Parameters;
}

/**
 * A tensor of checked shape, length and class of array; the data is kept, not copied.
 * @throws InferenceError internal, since it is the author's fault: product(shape) is not the number of elements, or the
 *   array is of another class than the datatype's.
 */
export function createTensor<D extends Datatype>(
  name: string,
  datatype: D,
  shape: readonly number[],
  data: TensorDataByDatatype[D],
  parameters?: Parameters,
): Tensor<D> {
  assertElements(name, datatype, shape, data);
  return parameters === undefined ? { name, datatype, shape, data } : { name, datatype, shape, data, parameters };
}

/** True when the tensor has this datatype; narrows `data`. */
export function isTensorOf<D extends Datatype>(tensor: Tensor, datatype: D): tensor is Tensor<D> {
  return (tensor.datatype as Datatype) === datatype;
}

/** Bytes that the elements take on the wire in binary form, length prefixes of BYTES included. */
export function byteSize(tensor: Tensor): number {
  const { bytes } = DATATYPES[tensor.datatype];
  if (bytes > 0) return elementCount(tensor.shape) * bytes;
  let size = 0;
  for (const element of tensor.data as readonly Uint8Array[]) size += 4 + element.length;
  return size;
}
