import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { invalidArgument } from "../../errors.ts";
import { reading } from "./infer-message.ts";

/** A name, a version, a flag: far more than clients send. */
const MAX_REQUEST_BYTES = 64 * 1024;

/**
 * A message without tensors as an object. Its fields become objects too, which take a hundred times their bytes, so only few bytes
 * are read, and of unknown fields nothing is kept.
 * @throws InferenceError invalid_argument when the bytes are no such message, or more than `maxBytes`.
 */
export function readControlMessage<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  maxBytes: number = MAX_REQUEST_BYTES,
): MessageShape<Desc> {
  assertControlSize(schema.name, bytes, maxBytes);
  return reading(schema.name, () => fromBinary(schema, bytes, { readUnknownFields: false }));
}

/** @throws InferenceError invalid_argument for more bytes than such a message has. */
export function assertControlSize(name: string, { length }: Uint8Array, maxBytes: number = MAX_REQUEST_BYTES): void {
  if (length <= maxBytes) return;
  throw invalidArgument(`expected a ${name} of at most ${maxBytes} bytes, got ${length}`);
}
