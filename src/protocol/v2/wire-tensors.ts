import { guardResponse } from "../../convert/response-faults.ts";
import { invalidArgument } from "../../errors.ts";
import { OPEN_ARRAY } from "../../json/json-bytes.ts";
import type { Extent, JsonReader } from "../../json/json-reader.ts";
import { remember } from "../../resumable.ts";
import { DATATYPES, type TensorData } from "../../tensor/datatype.ts";
import { fromRawBytes } from "../../tensor/elements/raw-elements.ts";
import { type NumbersRead, readNumberArray, readNumberArrayInSteps } from "../../tensor/read-numbers.ts";
import { elementCount, formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { createLazyTensor } from "../lazy-tensor.ts";
import { type ByteStringsRead, readByteStrings, readByteStringsInSteps } from "./read-byte-strings.ts";
import type { Strictness, TensorEntry } from "./read-tensors.ts";

/** A tensor over the blob of a binary body, whose size was checked. */
export function binaryTensor(
  entry: TensorEntry,
  blob: () => Uint8Array,
  maxElements: number,
  strictness: Strictness,
): Tensor {
  const { name, datatype, shape, parameters } = entry;
  assertCount(entry, maxElements);
  // Copied where two chunks hold it, which is done once and not in each attempt at reading its elements.
  const read = (): TensorData => fromRawBytes(name, datatype, shape, remember(entry, "blob", blob)).data;
  return createLazyTensor(name, datatype, shape, guarded(read, strictness), parameters);
}

/**
 * A tensor over its `data` in JSON, flat or nested. An absent or null `data` stands for no elements.
 * @throws InferenceError invalid_argument when elements are missing or more than `maxElements`; the elements themselves
 *   are checked when read.
 */
export function jsonTensor(
  entry: TensorEntry,
  reader: JsonReader,
  maxElements: number,
  strictness: Strictness,
): Tensor {
  const { name, datatype, shape, parameters, data } = entry;
  const count = assertCount(entry, maxElements);
  if (data === undefined && count > 0) {
    throw invalidArgument(`tensor '${name}': expected data with ${count} elements, got none`);
  }
  const read = (): TensorData =>
    data === undefined ? DATATYPES[datatype].create(0) : readElements(entry, data, reader, count, strictness);
  return createLazyTensor(name, datatype, shape, guarded(read, strictness), parameters);
}

/** @throws InferenceError invalid_argument for more elements than the limit. */
function assertCount({ name, shape }: TensorEntry, maxElements: number): number {
  const count = elementCount(shape);
  if (count <= maxElements) return count;
  throw invalidArgument(
    `tensor '${name}': shape ${formatShape(shape)} has ${count} elements, more than the limit of ${maxElements} (max_elements)`,
  );
}

/** Any datatype's elements: the table that made them says which. */
function guarded(read: () => TensorData, strictness: Strictness): () => never {
  return (strictness === "tolerant" ? () => guardResponse(read) : read) as () => never;
}

function readElements(
  entry: TensorEntry,
  extent: Extent,
  reader: JsonReader,
  count: number,
  strictness: Strictness,
): TensorData {
  const { name, shape } = entry;
  const { bytes } = reader;
  if (bytes[extent.start] !== OPEN_ARRAY) {
    const got = bytes.toString("utf8", extent.start, Math.min(extent.end, extent.start + 40));
    throw invalidArgument(`tensor '${name}': data must be an array, got ${got}`);
  }
  const read = readData(entry, extent, reader, count, strictness);
  if (read.data.length !== count || read.end !== extent.end || !isLaidOut(read.shape, shape)) {
    throw invalidArgument(
      `tensor '${name}': shape ${formatShape(shape)} takes ${count} elements, got data of shape ${formatShape(read.shape)}`,
    );
  }
  return read.data;
}

function readData(
  { name, datatype }: TensorEntry,
  extent: Extent,
  reader: JsonReader,
  count: number,
  strictness: Strictness,
): NumbersRead | ByteStringsRead {
  const { bytes, maxDepth } = reader;
  if (datatype === "BYTES") {
    const limits = { name, maxElements: count };
    const strings = reader.inTurns("data", extent, () => readByteStringsInSteps(bytes, extent, limits));
    return strings ?? readByteStrings(bytes, extent, limits);
  }
  // KServe and MLServer write NaN as null.
  const nullIsNaN = strictness === "tolerant";
  const options = { name, datatype, count, maxElements: count, maxDepth, nullIsNaN };
  const numbers = reader.inTurns("data", extent, () => readNumberArrayInSteps(bytes, extent.start, options));
  return numbers ?? readNumberArray(bytes, extent.start, options);
}

/** True for flat data and for data nested as the shape is; dimensions of 1 do not matter. */
function isLaidOut(nesting: readonly number[], shape: readonly number[]): boolean {
  const wanted = shape.filter((size) => size !== 1);
  const got = nesting.filter((size) => size !== 1);
  return (
    got.length <= 1 || got.includes(0) || (got.length === wanted.length && got.every((size, i) => size === wanted[i]))
  );
}
