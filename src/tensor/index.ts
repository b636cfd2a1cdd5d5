/**
 * Tensors as transformers make and read them; elements as bytes and as JSON text are for those who write codecs.
 */

export {
  DATATYPES,
  type Datatype,
  type DatatypeInfo,
  isDatatype,
  type NumericData,
  type NumericDatatype,
  type TensorData,
  type TensorDataByDatatype,
} from "./datatype.ts";
export { decodeByteElements, encodeByteElements } from "./elements/byte-elements.ts";
export {
  fromBfloat16,
  fromBfloat16Array,
  fromFloat16,
  fromFloat16Array,
  toBfloat16,
  toBfloat16Array,
  toFloat16,
  toFloat16Array,
} from "./elements/float16.ts";
export { fromRawBytes, toRawBytes } from "./elements/raw-elements.ts";
export type { JsonObject, JsonValue } from "./json-value.ts";
export { LookupTensor, renameTensor } from "./lookup-tensor.ts";
export { flattenNested, nestedRows, type RowPlace, toNested } from "./nested/nested-array.ts";
export type { NonFiniteText } from "./number-text/create-element-writer.ts";
export { type NumbersRead, type ReadNumbersOptions, readNumber, readNumberArray } from "./read-numbers.ts";
export { elementCount } from "./shape.ts";
export {
  byteSize,
  createTensor,
  isTensorOf,
  type Parameters,
  type ParameterValue,
  type Tensor,
  type TensorSpec,
} from "./tensor.ts";
export { type FormatElementsOptions, type FormattedRows, formatElements, formatRows } from "./write-numbers.ts";
