import type { WireMessage } from "../../inference/content-source.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import type { EncodeRequestOptions, EncodeResponseOptions } from "../codec.ts";
import { REQUEST_LAYOUT, RESPONSE_LAYOUT } from "./infer-message.ts";
import { hasField } from "./message-head.ts";
import { writeInferMessage } from "./write-infer-message.ts";

/**
 * A `ModelInferRequest`: raw contents, or with `binary: false` typed ones.
 * @throws InferenceError invalid_argument for what gRPC cannot carry.
 */
export function encodeRequest(request: InferRequest, options: EncodeRequestOptions): WireMessage {
  const { id, parameters, requestedOutputs } = request;
  const body = writeInferMessage(
    {
      modelName: request.modelName,
      modelVersion: request.modelVersion,
      id,
      parameters,
      tensors: request.inputs,
      requestedOutputs: options.forwardRequestedOutputs ? requestedOutputs : undefined,
      typed: options.binary === false,
    },
    REQUEST_LAYOUT,
  );
  return { headers: {}, body };
}

/**
 * A `ModelInferResponse` under the request's id and model name, in the request's form: typed contents to typed, raw to raw.
 */
export function encodeResponse(response: InferResponse, options: EncodeResponseOptions): WireMessage {
  const { request } = options;
  const body = writeInferMessage(
    {
      modelName: request.modelName,
      modelVersion: response.modelVersion,
      id: request.id,
      parameters: response.parameters,
      tensors: response.outputs,
      typed: isTyped(request),
    },
    RESPONSE_LAYOUT,
  );
  return { headers: {}, body };
}

/** True when an answer's contents have the form of the request's. */
export function mayForwardResponse(message: WireMessage, request: InferRequest): boolean {
  return hasField(message, RESPONSE_LAYOUT.raw) !== isTyped(request);
}

/** True when the client sent typed contents. */
function isTyped({ source }: InferRequest): boolean {
  return source !== undefined && !hasField(source.message, REQUEST_LAYOUT.raw);
}
