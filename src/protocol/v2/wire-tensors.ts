import { invalidArgument } from "../../errors.ts";
import type { NumericDatatype, TensorData } from "../../tensor/datatype.ts";
import { fromRawBytes } from "../../tensor/raw-elements.ts";
import { readNumberArray } from "../../tensor/read-numbers.ts";
import { elementCount, formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, OPEN_ARRAY, skipSpace } from "../json/json-bytes.ts";
import { jsonError } from "../json/json-error.ts";
import type { Extent, JsonReader } from "../json/json-reader.ts";
import { createLazyTensor } from "../lazy-tensor.ts";
import { readByteStrings } from "./read-byte-strings.ts";
import type { TensorEntry } from "./read-tensors.ts";

/** How the elements are read: a reader of answers turns faults of the text into bad gateways. */
export type Guard = <T>(read: () => T) => T;

/** A tensor over the blob of a binary body. */
export function binaryTensor(entry: TensorEntry, blob: () => Uint8Array, guard: Guard): Tensor {
  const { name, datatype, shape, parameters } = entry;
  const read = (): TensorData => guard(() => fromRawBytes(name, datatype, shape, blob()).data);
  return createLazyTensor(name, datatype, shape, read, parameters);
}

/**
 * A tensor over its `data` in JSON, flat or nested. An absent or null `data` stands for no elements.
 * @throws InferenceError invalid_argument when elements are missing or more than `maxElements`; the elements themselves
 *   are checked when read.
 */
export function jsonTensor(entry: TensorEntry, reader: JsonReader, maxElements: number, guard: Guard): Tensor {
  const { name, datatype, shape, parameters, data } = entry;
  const count = elementCount(shape);
  if (count > maxElements) {
    throw invalidArgument(
      `tensor '${name}': shape ${formatShape(shape)} has ${count} elements, more than the limit of ${maxElements}`,
    );
  }
  if (data === undefined && count > 0) {
    throw invalidArgument(`tensor '${name}': expected data with ${count} elements, got none`);
  }
  const extent = data;
  const read = (): TensorData =>
    guard(() => (extent === undefined ? [] : readElements(entry, extent, reader, count, maxElements)));
  return createLazyTensor(name, datatype, shape, read as never, parameters);
}

function readElements(
  { name, datatype, shape }: TensorEntry,
  extent: Extent,
  reader: JsonReader,
  count: number,
  maxElements: number,
): TensorData {
  const { bytes, maxDepth } = reader;
  if (bytes[extent.start] !== OPEN_ARRAY) {
    const got = bytes.toString("utf8", extent.start, Math.min(extent.end, extent.start + 40));
    throw invalidArgument(`tensor '${name}': data must be an array, got ${got}`);
  }
  const options = { name, count, maxElements, maxDepth };
  const read =
    datatype === "BYTES"
      ? readByteStrings(bytes, extent, options)
      : readNumberArray(bytes, extent.start, { ...options, datatype: datatype as NumericDatatype });
  const end = skipSpace(bytes, read.end, bytes.length);
  const next = bytes[end];
  if (next !== COMMA && next !== CLOSE_OBJECT && next !== CLOSE_ARRAY) {
    throw jsonError(`tensor '${name}': expected the end of data`, end);
  }
  if (read.data.length !== count || !isLaidOut(read.shape, shape)) {
    throw invalidArgument(
      `tensor '${name}': shape ${formatShape(shape)} takes ${count} elements, got data of shape ${formatShape(read.shape)}`,
    );
  }
  return read.data;
}

/** True for flat data and for data nested as the shape is; dimensions of 1 do not matter. */
function isLaidOut(nesting: readonly number[], shape: readonly number[]): boolean {
  const wanted = shape.filter((size) => size !== 1);
  const got = nesting.filter((size) => size !== 1);
  return (
    got.length <= 1 || got.includes(0) || (got.length === wanted.length && got.every((size, i) => size === wanted[i]))
  );
}
