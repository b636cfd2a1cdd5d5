export { DATATYPES, type Datatype, isDatatype, type NumericDatatype, type TensorDataByDatatype } from "./datatype.ts";
export type { JsonObject, JsonValue } from "./json-value.ts";
export { LookupTensor, renameTensor } from "./lookup-tensor.ts";
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
