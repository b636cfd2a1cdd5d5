import type { Codec } from "../codec.ts";
import { decodeRequest, decodeResponse } from "./decode.ts";
import { encodeRequest, encodeResponse, mayForwardResponse } from "./encode.ts";
import { encodeError } from "./errors.ts";
import { replaceModelName } from "./message-head.ts";

/**
 * The bytes of `inference.GRPCInferenceService` messages: typed and raw contents, both directions.
 * @see https://github.com/kserve/open-inference-protocol
 */
export const grpcCodec: Codec = {
  wire: "grpc-v2",
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  encodeError,
  mayForwardResponse,
  replaceModelName,
};
