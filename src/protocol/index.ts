export { resolveRequestTensors } from "../convert/request-tensors.ts";
export { resolveResponseTensors } from "../convert/response-tensors.ts";
export { formatJson } from "../json/format-json.ts";
export { type ParseJsonOptions, parseJson } from "../json/parse-json.ts";
export { type ContentEncoding, decodeBody, readContentEncoding } from "./body-encoding.ts";
export { assertForwardable, checkRequest } from "./check-request.ts";
export type {
  Codec,
  DecodeRequestOptions,
  DecodeResponseOptions,
  EncodeRequestOptions,
  EncodeResponseOptions,
} from "./codec.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export { isJson, isOctetStream, type MediaType, parseMediaTypes } from "./media-type.ts";
export { selectCodec } from "./select-codec.ts";
