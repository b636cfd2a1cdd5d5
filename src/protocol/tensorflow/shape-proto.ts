import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { invalidArgument } from "../../errors.ts";
import { FieldReader } from "../grpc/wire/field-reader.ts";

const MAX_DIMENSIONS = 64;

/** Writes a shape as field `field` of the open message; a scalar is a shape without dimensions. */
export function writeShape(writer: BinaryWriter, field: number, shape: readonly number[]): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  for (const size of shape) {
    writer.tag(2, WireType.LengthDelimited).fork();
    if (size !== 0) writer.tag(1, WireType.Varint).int64(size);
    writer.join();
  }
  writer.join();
}

/** Sizes of a `TensorShapeProto`, -1 for those that are open; undefined where even the number of dimensions is. */
export function readShape(bytes: Uint8Array): readonly number[] | undefined {
  const reader = new FieldReader(bytes);
  const shape: number[] = [];
  let unknownRank = false;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 2 && type === WireType.LengthDelimited) shape.push(readSize(reader.bytes()));
    else if (field === 3 && type === WireType.Varint) unknownRank = reader.bool();
    else reader.skip(type, field);
    if (shape.length > MAX_DIMENSIONS) throw invalidArgument(`a shape has at most ${MAX_DIMENSIONS} dimensions`);
  }
  return unknownRank ? undefined : shape;
}

function readSize(bytes: Uint8Array): number {
  const reader = new FieldReader(bytes);
  let size = 0;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.Varint) size = Number(reader.int64());
    else reader.skip(type, field);
  }
  return size;
}
