import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { invalidArgument } from "../../errors.ts";
import { FieldReader } from "../grpc/wire/field-reader.ts";

/** Which servable a message is about. */
export interface ModelSpec {
  readonly name: string;
  /** A number, or a label of TensorFlow Serving. */
  readonly version?: string | undefined;
  /** @default TensorFlow Serving's `serving_default` */
  readonly signatureName?: string | undefined;
}

/**
 * Writes a `tensorflow.serving.ModelSpec` as field `field` of the open message.
 * @throws InferenceError invalid_argument for a version beyond 64 bits.
 */
export function writeModelSpec(writer: BinaryWriter, field: number, { name, version, signatureName }: ModelSpec): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(name);
  if (version !== undefined && /^\d+$/.test(version)) {
    if (BigInt(version) >= 1n << 63n)
      throw invalidArgument(`model version: expected at most 64 bits, got ${version.slice(0, 40)}`);
    writer.tag(2, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int64(BigInt(version)).join();
  } else if (version !== undefined) {
    writer.tag(4, WireType.LengthDelimited).string(version);
  }
  if (signatureName !== undefined) writer.tag(3, WireType.LengthDelimited).string(signatureName);
  writer.join();
}

/** The version number in a `ModelSpec`; undefined where it has none. */
export function readVersion(bytes: Uint8Array): string | undefined {
  const reader = new FieldReader(bytes);
  let version: string | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 2 && type === WireType.LengthDelimited) version = readInt64Value(reader.bytes());
    else reader.skip(type, field);
  }
  return version;
}

function readInt64Value(bytes: Uint8Array): string {
  const reader = new FieldReader(bytes);
  let value = "0";
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.Varint) value = String(reader.int64());
    else reader.skip(type, field);
  }
  return value;
}
