import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { InferenceError, invalidArgument } from "../../errors.ts";
import type { Datatype, TensorData } from "../../tensor/datatype.ts";
import { createTensor, isTensorOf, type Tensor, type TensorSpec } from "../../tensor/tensor.ts";
import type { OnnxRuntime } from "./load-onnx-runtime.ts";

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
export function toOnnxTensor(runtime: OnnxRuntime, tensor: Tensor): OnnxTensor {
  const type = TYPE_BY_DATATYPE[tensor.datatype];
  if (type === undefined) throw invalidArgument(`input '${tensor.name}': ONNX models take no ${tensor.datatype}`);
  if (isTensorOf(tensor, "FP16")) {
    // Where JavaScript has a Float16Array (Node 24), the constructor makes one and the native side then reads no bytes of it
    // (seen with 1.30). The bits as they are under the right type work on every Node.
    return Object.assign(new runtime.Tensor("uint16", tensor.data, tensor.shape), { type });
  }
  const data = isTensorOf(tensor, "BYTES") ? toStrings(tensor) : tensor.data;
  // The overloads of the constructor go by type and know no union.
  return new runtime.Tensor(type as "float32", data as Float32Array, tensor.shape);
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

export function fromOnnxTensor(name: string, { type, dims, data }: OnnxTensor): Tensor {
  const datatype = DATATYPE_BY_TYPE.get(type);
  if (datatype === undefined) throw new InferenceError(`output '${name}' is of the ONNX type ${type}`);
  return createTensor(name, datatype, dims, toData(datatype, data));
}

function toData(datatype: Datatype, data: unknown): TensorData {
  if (datatype === "BYTES") {
    const encoder = new TextEncoder();
    return (data as readonly string[]).map((text) => encoder.encode(text));
  }
  // Where JavaScript has a Float16Array the runtime gives one; here 16-bit floats are their bits.
  const { buffer, byteOffset, length } = data as Uint16Array;
  return datatype === "FP16" ? new Uint16Array(buffer, byteOffset, length) : (data as TensorData);
}
