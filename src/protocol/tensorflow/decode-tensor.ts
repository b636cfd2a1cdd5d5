import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { invalidArgument } from "../../errors.ts";
import { DATATYPES, type Datatype, type TensorData } from "../../tensor/datatype.ts";
import { fromRawBytes } from "../../tensor/elements/raw-elements.ts";
import { assertShape, elementCount, formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { countElements, fillElements } from "../grpc/packed-elements.ts";
import { VarintReader } from "../grpc/varint-reader.ts";
import { createLazyTensor } from "../lazy-tensor.ts";
import { datatypeOf, TENSORFLOW_TYPES } from "./data-types.ts";
import { readShape } from "./shape-proto.ts";

/** A `TensorProto` whose elements nobody has read yet. */
interface TensorHead {
  readonly dtype: number;
  readonly shape: readonly number[];
  /** Elements in one block; empty where they stand one by one. */
  readonly content: Uint8Array;
}

/**
 * A tensor from a `TensorProto`: elements in `tensor_content`, or one by one, where the last stands for all that are missing.
 * They are counted at once and read when first asked for, within `guard`.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function decodeTensor(
  name: string,
  bytes: Uint8Array,
  maxElements: number,
  guard: <T>(read: () => T) => T,
): Tensor {
  const { dtype, shape, content } = readHead(bytes);
  const datatype = datatypeOf(dtype);
  if (datatype === undefined) throw invalidArgument(`tensor '${name}': TensorFlow's dtype ${dtype} has no V2 datatype`);
  assertShape(shape, name);
  const count = elementCount(shape);
  if (count > maxElements) {
    throw invalidArgument(
      `tensor '${name}': shape ${formatShape(shape)} has ${count} elements, more than the limit of ${maxElements}`,
    );
  }
  const read =
    content.length === 0
      ? prepareValues(name, datatype, shape, count, bytes)
      : datatype === "BYTES"
        ? () => readStrings(content, count, name)
        : () => fromRawBytes(name, datatype, shape, content).data;
  return createLazyTensor(name, datatype, shape, () => guard(read));
}

function readHead(bytes: Uint8Array): TensorHead {
  const reader = new BinaryReader(bytes);
  let dtype = 0;
  let shape: readonly number[] | undefined = [];
  let content = new Uint8Array(0);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.Varint) dtype = reader.int32();
    else if (field === 2 && type === WireType.LengthDelimited) shape = readShape(reader.bytes());
    else if (field === 4 && type === WireType.LengthDelimited) content = reader.bytes() as Uint8Array<ArrayBuffer>;
    else reader.skip(type, field);
  }
  return { dtype, shape: shape ?? [], content };
}

function prepareValues(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  count: number,
  bytes: Uint8Array,
): () => TensorData {
  let found = 0;
  visitValues(bytes, datatype, (start, end) => {
    found += countElements(datatype, bytes, start, end);
  });
  if (found > count) {
    throw invalidArgument(`tensor '${name}': shape ${formatShape(shape)} takes ${count} elements, got ${found}`);
  }
  return () => {
    const data = DATATYPES[datatype].create(count) as Uint8Array;
    let at = 0;
    visitValues(bytes, datatype, (start, end) => {
      at = fillElements(data, at, datatype, name, bytes, start, end);
    });
    // An array of byte strings has `fill` as well.
    if (at > 0) data.fill(data[at - 1] as number, at);
    else if (datatype === "BYTES") data.fill(new Uint8Array(0) as never);
    return data;
  };
}

function visitValues(bytes: Uint8Array, datatype: Datatype, visit: (start: number, end: number) => void): void {
  const { valueField } = TENSORFLOW_TYPES[datatype];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const start = reader.pos;
    if (field === valueField && type === WireType.LengthDelimited) {
      const run = reader.bytes();
      visit(reader.pos - run.length, reader.pos);
    } else {
      reader.skip(type, field);
      if (field === valueField) visit(start, reader.pos);
    }
  }
}

/** Strings in `tensor_content`: all lengths as varints, then all bytes. */
function readStrings(content: Uint8Array, count: number, name: string): Uint8Array[] {
  const lengths = new VarintReader(content, 0, content.length);
  const sizes: number[] = [];
  let size = 0;
  for (let i = 0; i < count; i++) {
    lengths.next();
    sizes.push(lengths.low);
    size += lengths.low;
  }
  let at = lengths.at;
  if (size !== content.length - at) {
    throw invalidArgument(`tensor '${name}': ${count} strings of ${size} bytes, got ${content.length - at}`);
  }
  return sizes.map((length) => {
    at += length;
    return content.subarray(at - length, at);
  });
}
