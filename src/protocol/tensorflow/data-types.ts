import type { Datatype } from "../../tensor/datatype.ts";

/** A datatype in TensorFlow's messages. */
export interface TensorFlowType {
  /** Number in the enum `tensorflow.DataType`. */
  readonly dtype: number;
  /** Field of `TensorProto` that carries elements one by one. */
  readonly valueField: number;
}

/** @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/types.proto */
export const TENSORFLOW_TYPES: Readonly<Record<Datatype, TensorFlowType>> = {
  FP32: { dtype: 1, valueField: 5 },
  FP64: { dtype: 2, valueField: 6 },
  INT32: { dtype: 3, valueField: 7 },
  UINT8: { dtype: 4, valueField: 7 },
  INT16: { dtype: 5, valueField: 7 },
  INT8: { dtype: 6, valueField: 7 },
  BYTES: { dtype: 7, valueField: 8 },
  INT64: { dtype: 9, valueField: 10 },
  BOOL: { dtype: 10, valueField: 11 },
  BF16: { dtype: 14, valueField: 13 },
  UINT16: { dtype: 17, valueField: 7 },
  FP16: { dtype: 19, valueField: 13 },
  UINT32: { dtype: 22, valueField: 16 },
  UINT64: { dtype: 23, valueField: 17 },
};

const BY_DTYPE: ReadonlyMap<number, Datatype> = new Map(
  Object.entries(TENSORFLOW_TYPES).map(([datatype, { dtype }]) => [dtype, datatype as Datatype]),
);

/** The datatype of a number in `tensorflow.DataType`; undefined for those that V2 has no name for (complex, resource, quantized). */
export function datatypeOf(dtype: number): Datatype | undefined {
  return BY_DTYPE.get(dtype);
}
