import { invalidArgument } from "../errors.ts";
import { elementCount } from "./shape.ts";
import { createTensor, type Tensor } from "./tensor.ts";

/** Elements in a typed array, whatever its class. */
type TypedArray = Exclude<Tensor["data"], readonly Uint8Array[]>;

/**
 * Tensors [Nᵢ, …] one after the other along the first dimension: [ΣNᵢ, …]. Name, datatype and parameters are the first one's.
 * @throws InferenceError invalid_argument for no tensor, a scalar, another datatype or another trailing shape.
 */
export function concatTensors(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (first === undefined) throw invalidArgument("expected at least one tensor to concatenate");
  const { name, datatype, shape, parameters } = first;
  const trailing = shape.slice(1);
  let rows = 0;
  for (const tensor of tensors) {
    const [count] = tensor.shape;
    if (count === undefined || tensor.datatype !== datatype || String(tensor.shape.slice(1)) !== String(trailing)) {
      throw invalidArgument(
        `tensor '${tensor.name}': expected ${datatype} [N,${trailing}], got ${tensor.datatype} [${tensor.shape}]`,
      );
    }
    rows += count;
  }
  return createTensor(name, datatype, [rows, ...trailing], concatData(tensors), parameters);
}

/** Rows `from` to `to` of a tensor [N, …], in an array of their own; single elements of BYTES are shared. */
export function sliceTensor(tensor: Tensor, from: number, to: number): Tensor {
  const { name, datatype, shape, parameters } = tensor;
  const width = elementCount(shape.slice(1));
  const [start, end] = [from * width, to * width];
  const { data } = tensor;
  const part = ArrayBuffer.isView(data) ? data.slice(start, end) : (data as readonly Uint8Array[]).slice(start, end);
  return createTensor(name, datatype, [to - from, ...shape.slice(1)], part as Tensor["data"], parameters);
}

function concatData(tensors: readonly Tensor[]): Tensor["data"] {
  const parts = tensors.map(({ data }) => data);
  const [first] = parts;
  if (!ArrayBuffer.isView(first)) return (parts as (readonly Uint8Array[])[]).flat() as Tensor["data"];
  const arrays = parts as TypedArray[];
  const length = arrays.reduce((sum, part) => sum + part.length, 0);
  const target = new (first.constructor as new (length: number) => TypedArray)(length);
  let offset = 0;
  for (const part of arrays) {
    (target as Uint8Array).set(part as Uint8Array, offset);
    offset += part.length;
  }
  return target as Tensor["data"];
}
