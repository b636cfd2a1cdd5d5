import { invalidArgument } from "../errors.ts";

/** Typed array (or byte strings) that holds a tensor's elements, row-major, by datatype. */
export interface TensorDataByDatatype {
  /** One byte an element, 0 or 1. */
  BOOL: Uint8Array;
  UINT8: Uint8Array;
  UINT16: Uint16Array;
  UINT32: Uint32Array;
  UINT64: BigUint64Array;
  INT8: Int8Array;
  INT16: Int16Array;
  INT32: Int32Array;
  INT64: BigInt64Array;
  /** The 16 bits of IEEE 754 binary16; `float16.ts` converts. */
  FP16: Uint16Array;
  FP32: Float32Array;
  FP64: Float64Array;
  /** One byte string an element; text is UTF-8. */
  BYTES: readonly Uint8Array[];
  /** The upper 16 bits of an FP32; `float16.ts` converts. */
  BF16: Uint16Array;
}

/** Names of the Open Inference Protocol V2, and Triton's BF16. */
export type Datatype = keyof TensorDataByDatatype;
export type TensorData = TensorDataByDatatype[Datatype];
export type NumericDatatype = Exclude<Datatype, "BYTES">;
export type NumericData = TensorDataByDatatype[NumericDatatype];

/** Field of `inference.InferTensorContents` that carries a datatype; FP16 and BF16 travel raw only. */
export type ContentsField =
  | "boolContents"
  | "intContents"
  | "int64Contents"
  | "uintContents"
  | "uint64Contents"
  | "fp32Contents"
  | "fp64Contents"
  | "bytesContents";

export interface DatatypeInfo {
  /** Bytes of one element on the wire, little-endian; 0 for BYTES, whose elements carry their own length. */
  readonly bytes: number;
  readonly kind: "bool" | "int" | "bigint" | "float" | "float16" | "bytes";
  /** Smallest and largest value of an integer datatype. */
  readonly range?: readonly [bigint, bigint];
  readonly contents?: ContentsField;
  /** Class of the typed array that holds the elements; `Uint8Array` is each element's own for BYTES. */
  readonly array: string;
  /** Zeros, `length` of them. */
  create(length: number): TensorData;
  /** A view of `buffer`; `offset` must be a multiple of `bytes`. */
  view?(buffer: ArrayBufferLike, offset: number, length: number): NumericData;
}

const signed = (bits: bigint): readonly [bigint, bigint] => [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
const unsigned = (bits: bigint): readonly [bigint, bigint] => [0n, (1n << bits) - 1n];

/** The one table of datatypes: everything that depends on a datatype is looked up here. */
export const DATATYPES: Readonly<Record<Datatype, DatatypeInfo>> = {
  BOOL: {
    bytes: 1,
    array: "Uint8Array",
    kind: "bool",
    contents: "boolContents",
    create: (length) => new Uint8Array(length),
    view: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
  },
  UINT8: {
    bytes: 1,
    array: "Uint8Array",
    kind: "int",
    range: unsigned(8n),
    contents: "uintContents",
    create: (length) => new Uint8Array(length),
    view: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
  },
  UINT16: {
    bytes: 2,
    array: "Uint16Array",
    kind: "int",
    range: unsigned(16n),
    contents: "uintContents",
    create: (length) => new Uint16Array(length),
    view: (buffer, offset, length) => new Uint16Array(buffer, offset, length),
  },
  UINT32: {
    bytes: 4,
    array: "Uint32Array",
    kind: "int",
    range: unsigned(32n),
    contents: "uintContents",
    create: (length) => new Uint32Array(length),
    view: (buffer, offset, length) => new Uint32Array(buffer, offset, length),
  },
  UINT64: {
    bytes: 8,
    array: "BigUint64Array",
    kind: "bigint",
    range: unsigned(64n),
    contents: "uint64Contents",
    create: (length) => new BigUint64Array(length),
    view: (buffer, offset, length) => new BigUint64Array(buffer, offset, length),
  },
  INT8: {
    bytes: 1,
    array: "Int8Array",
    kind: "int",
    range: signed(8n),
    contents: "intContents",
    create: (length) => new Int8Array(length),
    view: (buffer, offset, length) => new Int8Array(buffer, offset, length),
  },
  INT16: {
    bytes: 2,
    array: "Int16Array",
    kind: "int",
    range: signed(16n),
    contents: "intContents",
    create: (length) => new Int16Array(length),
    view: (buffer, offset, length) => new Int16Array(buffer, offset, length),
  },
  INT32: {
    bytes: 4,
    array: "Int32Array",
    kind: "int",
    range: signed(32n),
    contents: "intContents",
    create: (length) => new Int32Array(length),
    view: (buffer, offset, length) => new Int32Array(buffer, offset, length),
  },
  INT64: {
    bytes: 8,
    array: "BigInt64Array",
    kind: "bigint",
    range: signed(64n),
    contents: "int64Contents",
    create: (length) => new BigInt64Array(length),
    view: (buffer, offset, length) => new BigInt64Array(buffer, offset, length),
  },
  FP16: {
    bytes: 2,
    array: "Uint16Array",
    kind: "float16",
    create: (length) => new Uint16Array(length),
    view: (buffer, offset, length) => new Uint16Array(buffer, offset, length),
  },
  FP32: {
    bytes: 4,
    array: "Float32Array",
    kind: "float",
    contents: "fp32Contents",
    create: (length) => new Float32Array(length),
    view: (buffer, offset, length) => new Float32Array(buffer, offset, length),
  },
  FP64: {
    bytes: 8,
    array: "Float64Array",
    kind: "float",
    contents: "fp64Contents",
    create: (length) => new Float64Array(length),
    view: (buffer, offset, length) => new Float64Array(buffer, offset, length),
  },
  BYTES: {
    bytes: 0,
    array: "Uint8Array",
    kind: "bytes",
    contents: "bytesContents",
    create: (length) => new Array<Uint8Array>(length),
  },
  BF16: {
    bytes: 2,
    array: "Uint16Array",
    kind: "float16",
    create: (length) => new Uint16Array(length),
    view: (buffer, offset, length) => new Uint16Array(buffer, offset, length),
  },
};

export function isDatatype(name: unknown): name is Datatype {
  return typeof name === "string" && Object.hasOwn(DATATYPES, name);
}

/** @throws InferenceError invalid_argument that names the tensor, the datatypes there are and what came. */
export function assertDatatype(name: unknown, tensor: string): asserts name is Datatype {
  if (isDatatype(name)) return;
  throw invalidArgument(
    `tensor '${tensor}': datatype must be one of ${Object.keys(DATATYPES).join(", ")}, got ${JSON.stringify(name)}`,
  );
}
