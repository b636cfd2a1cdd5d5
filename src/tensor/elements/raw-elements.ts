import { invalidArgument } from "../../errors.ts";
import { inSteps } from "../../resumable.ts";
import { PIECE, type Steps } from "../../turns.ts";
import { DATATYPES, type Datatype, type NumericData } from "../datatype.ts";
import { LookupTensor } from "../lookup-tensor.ts";
import { assertShape, elementCount, formatShape } from "../shape.ts";
import { createTensor, isTensorOf, type Tensor } from "../tensor.ts";
import { assertElements } from "./assert-elements.ts";
import { decodeByteElements, encodeByteElements } from "./byte-elements.ts";

/**
 * A tensor's elements as V2's binary data and gRPC's raw contents carry them: little-endian, row-major, BYTES framed by
 * their lengths. Numeric data is viewed, not copied; a lookup tensor's floats are made here and not kept.
 * @throws InferenceError internal for data of another class or length than datatype and shape say.
 */
export function toRawBytes(tensor: Tensor): Uint8Array {
  if (LookupTensor.isInstance(tensor)) return inSteps(tensor, "floats", () => lookUp(tensor));
  assertElements(tensor.name, tensor.datatype, tensor.shape, tensor.data);
  if (isTensorOf(tensor, "BYTES")) return encodeByteElements(tensor.data);
  const data = tensor.data as NumericData;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function* lookUp(tensor: LookupTensor): Steps<Uint8Array> {
  const floats = new Float32Array(tensor.bytes.length);
  for (let from = 0; from < floats.length; from += PIECE) {
    tensor.fill(floats.subarray(from, from + PIECE), from);
    yield;
  }
  return new Uint8Array(floats.buffer);
}

/**
 * A tensor over raw bytes. Bytes at an offset that suits the datatype are viewed, others copied once; BYTES elements are
 * always views. A BOOL byte other than 0 counts as true.
 * @throws InferenceError invalid_argument when the shape does not take exactly these bytes.
 */
export function fromRawBytes(name: string, datatype: Datatype, shape: readonly number[], bytes: Uint8Array): Tensor {
  assertShape(shape, name);
  const count = elementCount(shape);
  const { bytes: width, view } = DATATYPES[datatype];
  if (view === undefined) return createTensor(name, datatype, shape, decodeByteElements(bytes, count, name));
  if (bytes.length !== count * width) {
    throw invalidArgument(
      `tensor '${name}': ${datatype} of shape ${formatShape(shape)} takes ${count * width} bytes, got ${bytes.length}`,
    );
  }
  // Buffer's own slice would be a view at the same unsuitable offset.
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return createTensor(name, datatype, shape, view(aligned.buffer, aligned.byteOffset, count));
}
