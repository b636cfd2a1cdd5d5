import { WireType } from "@bufbuild/protobuf/wire";
import { MAX_TENSOR_FIELDS } from "../grpc/infer-message.ts";
import { FieldReader } from "../grpc/wire/field-reader.ts";

/** Key and message of an entry of a `map<string, …>`. */
export function readMapEntry(bytes: Uint8Array): readonly [string, Uint8Array] {
  const reader = new FieldReader(bytes);
  let key = "";
  let value: Uint8Array = new Uint8Array(0);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type !== WireType.LengthDelimited) reader.skip(type, field);
    else if (field === 1) key = reader.string(true);
    else if (field === 2) value = reader.bytes();
    else reader.skip(type, field);
  }
  return [key, value];
}

/** Calls `visit` for each length-delimited field of a message. */
export function visitFields(bytes: Uint8Array, visit: (field: number, value: Uint8Array) => void): void {
  const reader = new FieldReader(bytes, MAX_TENSOR_FIELDS);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) visit(field, reader.bytes());
    else reader.skip(type, field);
  }
}
