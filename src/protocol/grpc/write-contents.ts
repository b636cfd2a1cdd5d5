import { Buffer } from "node:buffer";
import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { inSteps } from "../../resumable.ts";
import { DATATYPES, type NumericData } from "../../tensor/datatype.ts";
import { assertElements } from "../../tensor/elements/assert-elements.ts";
import { toRawBytes } from "../../tensor/elements/raw-elements.ts";
import { FEW, SOME } from "../../tensor/nested/nest-elements.ts";
import { isTensorOf, type Tensor } from "../../tensor/tensor.ts";
import { finish, PIECE, type Steps } from "../../turns.ts";
import { CONTENTS_FIELDS } from "./contents-fields.ts";

/** True when every tensor's datatype has a field in `InferTensorContents`; FP16 and BF16 have none. */
export function canBeTyped(tensors: readonly Tensor[]): boolean {
  return tensors.every(({ datatype }) => DATATYPES[datatype].contents !== undefined);
}

/** Writes a tensor's elements as the fields of the open `InferTensorContents`: packed, BYTES one by one. */
export function writeContents(writer: BinaryWriter, tensor: Tensor): void {
  const { contents, kind } = DATATYPES[tensor.datatype];
  if (contents === undefined) return;
  const { number } = CONTENTS_FIELDS[contents];
  if (kind === "float") {
    // Floats stand in the message as they stand in memory.
    const bytes = toRawBytes(tensor);
    if (bytes.length > 0) writer.tag(number, WireType.LengthDelimited).bytes(bytes);
    return;
  }
  assertElements(tensor.name, tensor.datatype, tensor.shape, tensor.data);
  if (tensor.data.length === 0) return;
  if (isTensorOf(tensor, "BYTES")) {
    writer.raw(inParts(tensor, () => fieldsOf(tensor.data, number)));
    return;
  }
  writer.tag(number, WireType.LengthDelimited);
  if (kind === "bigint") {
    writer.bytes(inParts(tensor, () => packWords(tensor.data as BigInt64Array | BigUint64Array)));
  } else {
    const data = tensor.data as Exclude<NumericData, BigInt64Array | BigUint64Array>;
    writer.bytes(inParts(tensor, () => packNumbers(data, kind === "bool")));
  }
}

function inParts(tensor: Tensor, steps: () => Steps<Uint8Array>): Uint8Array {
  return tensor.data.length <= FEW ? finish(steps()) : inSteps(tensor, "typed contents", steps);
}

/** Each element as a field of its own. */
function* fieldsOf(elements: readonly Uint8Array[], number: number): Steps<Uint8Array> {
  let size = 0;
  for (const { length } of elements) size += 6 + length;
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [index, element] of elements.entries()) {
    bytes[at++] = (number << 3) | WireType.LengthDelimited;
    at = writeVarint(bytes, at, element.length, 0);
    bytes.set(element, at);
    at += element.length;
    if (index % SOME === SOME - 1) yield;
  }
  return bytes.subarray(0, at);
}

/** Varints of numbers of at most 32 bits; a negative one takes ten bytes, as protobuf has it. */
function* packNumbers(data: Exclude<NumericData, BigInt64Array | BigUint64Array>, truth: boolean): Steps<Uint8Array> {
  const bytes = Buffer.allocUnsafe(truth ? data.length : yield* packedLength(data));
  let at = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    at = writeVarint(bytes, at, (truth && value !== 0 ? 1 : value) >>> 0, value < 0 ? 0xffff_ffff : 0);
    if (i % SOME === SOME - 1) yield;
  }
  return bytes.subarray(0, at);
}

/** An upper bound: bytes of the longest varint that stands in `data`, for each. */
function* packedLength(data: ArrayLike<number>): Steps<number> {
  let most = 0;
  let least = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (value > most) most = value;
    if (value < least) least = value;
    if (i % PIECE === PIECE - 1) yield;
  }
  const longest = least < 0 ? 10 : most < 0x80 ? 1 : most < 0x4000 ? 2 : most < 0x20_0000 ? 3 : 5;
  return data.length * longest;
}

function* packWords(data: BigInt64Array | BigUint64Array): Steps<Uint8Array> {
  const words = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const bytes = Buffer.allocUnsafe(data.length * 10);
  let at = 0;
  for (let from = 0; from < words.byteLength; from += 8) {
    at = writeVarint(bytes, at, words.getUint32(from, true), words.getUint32(from + 4, true));
    if (from % PIECE === PIECE - 8) yield;
  }
  return bytes.subarray(0, at);
}

/** Writes 64 bits given as two unsigned halves; gives the place after them. */
function writeVarint(bytes: Uint8Array, start: number, lower: number, upper: number): number {
  let at = start;
  let low = lower;
  let high = upper;
  while (high !== 0 || low > 0x7f) {
    bytes[at++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  bytes[at++] = low;
  return at;
}
