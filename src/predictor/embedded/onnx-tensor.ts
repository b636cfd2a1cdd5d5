import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { InferenceError, invalidArgument } from "../../errors.ts";
import type { Datatype, TensorData } from "../../tensor/datatype.ts";
import { createTensor, isTensorOf, type Tensor, type TensorSpec } from "../../tensor/tensor.ts";
import type { OnnxValue } from "./onnx-messages.ts";

/** ONNX Runtime's names of the datatypes that both sides have. */
const TYPE_BY_DATATYPE: Readonly<Partial<Record<Datatype, OnnxTensor.Type>>> = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "string",
};

const DATATYPE_BY_TYPE: ReadonlyMap<string, Datatype> = new Map(
  Object.entries(TYPE_BY_DATATYPE).map(([datatype, type]) => [type, datatype as Datatype]),
);

/**
 * What a session says of an input or an output: -1 stands for a symbolic dimension; undefined for what is no tensor (the
 * sequences and maps of classifiers) or of a type that V2 has no name for.
 */
export function toTensorSpec(metadata: InferenceSession.ValueMetadata): TensorSpec | undefined {
  if (!metadata.isTensor) return undefined;
  const datatype = DATATYPE_BY_TYPE.get(metadata.type);
  if (datatype === undefined) return undefined;
  const shape = metadata.shape.map((size) => (typeof size === "number" ? size : -1));
  return { name: metadata.name, datatype, shape };
}

/** @throws InferenceError invalid_argument for BYTES that are not UTF-8: ONNX Runtime's strings are text. */
export function toOnnxValue(tensor: Tensor): OnnxValue {
  const type = TYPE_BY_DATATYPE[tensor.datatype];
  if (type === undefined) throw invalidArgument(`input '${tensor.name}': ONNX models take no ${tensor.datatype}`);
  const data = isTensorOf(tensor, "BYTES") ? toStrings(tensor) : (tensor.data as Uint8Array);
  return { type, dims: tensor.shape, data };
}

function toStrings({ name, data }: Tensor<"BYTES">): string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return data.map((element, index) => {
    try {
      return decoder.decode(element);
    } catch (error) {
      throw invalidArgument(`input '${name}': element ${index} is not UTF-8, and ONNX strings are text`, error);
    }
  });
}

export function fromOnnxValue(name: string, { type, dims, data }: OnnxValue): Tensor {
  const datatype = DATATYPE_BY_TYPE.get(type);
  if (datatype === undefined) throw new InferenceError(`output '${name}' is of the ONNX type ${type}`);
  return createTensor(name, datatype, dims, toData(datatype, data));
}

function toData(datatype: Datatype, data: OnnxValue["data"]): TensorData {
  if (datatype !== "BYTES") return data as TensorData;
  const encoder = new TextEncoder();
  return (data as readonly string[]).map((text) => encoder.encode(text));
}
