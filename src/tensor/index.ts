export { DATATYPES, type Datatype, isDatatype, type NumericDatatype, type TensorDataByDatatype } from "./datatype.ts";
export {
  fromBfloat16,
  fromBfloat16Array,
  fromFloat16,
  fromFloat16Array,
  toBfloat16,
  toBfloat16Array,
  toFloat16,
  toFloat16Array,
} from "./float16.ts";
export type { JsonObject, JsonValue } from "./json-value.ts";
export { LookupTensor, renameTensor } from "./lookup-tensor.ts";
export { flattenNested, nestedRows, toNested } from "./nested-array.ts";
export { fromRawBytes, toRawBytes } from "./raw-elements.ts";
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
