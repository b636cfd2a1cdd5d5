export { resolveAnswerTensors } from "./answer-tensors.ts";
export { type ContentEncoding, decodeBody, readContentEncoding } from "./body-encoding.ts";
export { assertForwardable, checkRequest } from "./check-request.ts";
export type {
  Codec,
  DecodeRequestOptions,
  DecodeResponseOptions,
  EncodeRequestOptions,
  EncodeResponseOptions,
} from "./codec.ts";
export { formatJson } from "./json/format-json.ts";
export { type ParseJsonOptions, parseJson } from "./json/parse-json.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export { isJson, isOctetStream, type MediaType, parseMediaTypes } from "./media-type.ts";
export { resolveRequestTensors } from "./request-tensors.ts";
export { selectCodec } from "./select-codec.ts";
