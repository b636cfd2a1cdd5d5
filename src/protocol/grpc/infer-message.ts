import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { InferenceError, invalidArgument } from "../../errors.ts";
import { isPause } from "../../resumable.ts";
import { MAX_RANK } from "../../tensor/shape.ts";
import { FieldReader } from "./wire/field-reader.ts";

/** Numbers of the fields in which `ModelInferRequest` and `ModelInferResponse` differ. */
export interface InferLayout {
  /** For messages. */
  readonly name: string;
  readonly requestedOutputs: number | undefined;
  readonly raw: number;
  readonly rawName: string;
  readonly tensorsName: string;
}

export const REQUEST_LAYOUT: InferLayout = {
  name: "ModelInferRequest",
  requestedOutputs: 6,
  raw: 7,
  rawName: "raw_input_contents",
  tensorsName: "inputs",
};
export const RESPONSE_LAYOUT: InferLayout = {
  name: "ModelInferResponse",
  requestedOutputs: undefined,
  raw: 6,
  rawName: "raw_output_contents",
  tensorsName: "outputs",
};

/** Path of the one method that carries tensors. */
export const MODEL_INFER = "/inference.GRPCInferenceService/ModelInfer";

/** Fields that both messages share. */
export const MODEL_NAME = 1;
export const MODEL_VERSION = 2;
export const ID = 3;
export const PARAMETERS = 4;
export const TENSORS = 5;

/** Fields of a message: tensors, parameters and outputs have bounds of their own, which are far lower. */
export const MAX_FIELDS = 500_000;
/** A tensor has a few, and its parameters, which have a bound of their own; an output that is asked for likewise. */
export const MAX_TENSOR_FIELDS = 20_000;

/** A tensor as it stands in the message: elements, and parameters, are bytes that nobody has read yet. */
export interface WireTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly parameters: readonly Uint8Array[];
  /** `InferTensorContents`; more than one when a writer sent it in parts. */
  readonly contents: readonly Uint8Array[];
}

/** A message without its elements: views of the bytes, nothing is copied. */
export interface InferMessage {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id: string;
  readonly parameters: readonly Uint8Array[];
  readonly tensors: readonly WireTensor[];
  readonly requestedOutputs: readonly Uint8Array[];
  readonly raw: readonly Uint8Array[];
}

/**
 * The head of a `ModelInferRequest` or `ModelInferResponse`. Its cost grows with the number of fields, not of elements.
 * @throws InferenceError invalid_argument when the bytes are no such message or hold more than `maxTensors`.
 */
export function readInferMessage(bytes: Uint8Array, layout: InferLayout, maxTensors: number): InferMessage {
  return reading(layout.name, () => {
    const reader = new FieldReader(bytes, MAX_FIELDS);
    let modelName = "";
    let modelVersion = "";
    let id = "";
    const parameters: Uint8Array[] = [];
    const tensors: WireTensor[] = [];
    const requestedOutputs: Uint8Array[] = [];
    const raw: Uint8Array[] = [];
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (type !== WireType.LengthDelimited) reader.skip(type, field);
      else if (field === MODEL_NAME) modelName = reader.string(true);
      else if (field === MODEL_VERSION) modelVersion = reader.string(true);
      else if (field === ID) id = reader.string(true);
      else if (field === PARAMETERS) parameters.push(reader.bytes());
      else if (field === TENSORS) tensors.push(readTensor(reader.bytes()));
      else if (field === layout.requestedOutputs) requestedOutputs.push(reader.bytes());
      else if (field === layout.raw) raw.push(reader.bytes());
      else reader.skip(type, field);
      if (tensors.length > maxTensors) tooMany(layout.tensorsName, maxTensors);
      if (raw.length > maxTensors) tooMany(layout.rawName, maxTensors);
      if (requestedOutputs.length > maxTensors) tooMany("outputs", maxTensors);
    }
    return { modelName, modelVersion, id, parameters, tensors, requestedOutputs, raw };
  });
}

function tooMany(what: string, most: number): never {
  throw invalidArgument(`${what}: more than the limit of ${most} (max_tensors)`);
}

function readTensor(bytes: Uint8Array): WireTensor {
  const reader = new FieldReader(bytes, MAX_TENSOR_FIELDS);
  let name = "";
  let datatype = "";
  const shape: number[] = [];
  const parameters: Uint8Array[] = [];
  const contents: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 3 && type === WireType.Varint) addDimension(shape, reader, name);
    else if (type !== WireType.LengthDelimited) reader.skip(type, field);
    else if (field === 1) reader.tensor = name = reader.string(true);
    else if (field === 2) datatype = reader.string(true);
    else if (field === 3) {
      const packed = new BinaryReader(reader.bytes());
      while (packed.pos < packed.len) addDimension(shape, packed, name);
    } else if (field === 4) parameters.push(reader.bytes());
    else if (field === 5) contents.push(reader.bytes());
    else reader.skip(type, field);
  }
  return { name, datatype, shape, parameters, contents };
}

function addDimension(shape: number[], reader: BinaryReader, tensor: string): void {
  shape.push(Number(reader.int64()));
  if (shape.length > MAX_RANK) {
    throw invalidArgument(`tensor '${tensor}': a shape has at most ${MAX_RANK} dimensions`);
  }
}

/** Runs a reader of bytes; what it trips over is the sender's mistake. */
export function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (InferenceError.isInstance(error) || isPause(error)) throw error;
    throw invalidArgument(`expected a protobuf message ${what}, got bytes that are none`, error);
  }
}
