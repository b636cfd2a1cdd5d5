import { isUtf8 } from "node:buffer";
import { invalidArgument } from "../errors.ts";
import { assertElements } from "./elements/assert-elements.ts";
import { formatBase64 } from "./elements/base64.ts";
import { fromBfloat16Array, fromFloat16Array } from "./elements/float16.ts";
import type { JsonValue } from "./json-value.ts";
import { LookupTensor } from "./lookup-tensor.ts";
import { assertNestable } from "./shape.ts";
import { isTensorOf, type Tensor } from "./tensor.ts";

export { isBase64Object } from "./elements/element-rules.ts";
export { flattenNested, type RowPlace } from "./flatten-nested.ts";

/** An array over the first dimension with nested arrays below; the elements are numbers, bigints, booleans, text or bytes. */
type Nested = JsonValue | Uint8Array | readonly Nested[];

/**
 * A tensor as an array over its first dimension, with nested arrays below. 64-bit integers are numbers where these are
 * exact, else bigint; FP16 and BF16 are numbers.
 * @param bytes `text`: BYTES elements are strings where they are UTF-8, else `{"b64": base64}`; `bytes`: Uint8Array.
 * @param shape another one of as many elements
 * @throws InferenceError invalid_argument for a scalar, which has no rows.
 */
export function nestedRows(
  tensor: Tensor,
  bytes: "text" | "bytes",
  shape: readonly number[] = tensor.shape,
): readonly unknown[] {
  const { name } = tensor;
  if (shape.length === 0)
    throw invalidArgument(`tensor '${name}': expected a dimension of rows, got the scalar shape []`);
  assertNestable(shape, name);
  return nest(elementsOf(tensor, bytes), shape) as readonly unknown[];
}

/** A tensor as one JSON value, nested as its shape is; a bare element for shape []. */
export function toNested(tensor: Tensor): JsonValue {
  assertNestable(tensor.shape, tensor.name);
  return nest(elementsOf(tensor, "text"), tensor.shape) as JsonValue;
}

/** Elements as JSON values, in order. */
function elementsOf(tensor: Tensor, bytes: "text" | "bytes"): ArrayLike<Nested> {
  if (!LookupTensor.isInstance(tensor)) assertElements(tensor.name, tensor.datatype, tensor.shape, tensor.data);
  if (isTensorOf(tensor, "BYTES")) return bytes === "bytes" ? tensor.data : tensor.data.map(textOf);
  if (isTensorOf(tensor, "BOOL")) return Array.from(tensor.data, (element) => element !== 0);
  if (isTensorOf(tensor, "FP16")) return fromFloat16Array(tensor.data);
  if (isTensorOf(tensor, "BF16")) return fromBfloat16Array(tensor.data);
  if (isTensorOf(tensor, "INT64") || isTensorOf(tensor, "UINT64")) {
    return Array.from<bigint, number | bigint>(tensor.data, exactNumber);
  }
  return tensor.data as ArrayLike<number>;
}

function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function textOf(bytes: Uint8Array): JsonValue {
  if (!isUtf8(bytes)) return { b64: formatBase64(bytes) };
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function nest(elements: ArrayLike<Nested>, shape: readonly number[]): Nested {
  let next = 0;
  const build = (level: number): Nested => {
    if (level === shape.length) return elements[next++] as Nested;
    const size = shape[level] as number;
    const values = new Array<Nested>(size);
    if (level < shape.length - 1) for (let i = 0; i < size; i++) values[i] = build(level + 1);
    else for (let i = 0; i < size; i++) values[i] = elements[next++] as Nested;
    return values;
  };
  return build(0);
}
