import { INTO_REQUEST, INTO_RESPONSE, parametersWithMembers } from "../../convert/members-and-parameters.ts";
import { guardExtras, guardValues, resolveRequestTensors } from "../../convert/request-tensors.ts";
import { guardEncoding } from "../../convert/response-faults.ts";
import { resolveResponseTensors } from "../../convert/response-tensors.ts";
import type { WireMessage } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import { joinChunks } from "../body-bytes.ts";
import type { EncodeRequestOptions, EncodeResponseOptions } from "../codec.ts";
import { GrpcRequestSource } from "./decode.ts";
import { REQUEST_LAYOUT, RESPONSE_LAYOUT } from "./infer-message.ts";
import { hasField, readModel, replaceModelName } from "./message-head.ts";
import { writeInferMessage } from "./write-infer-message.ts";

/**
 * A `ModelInferRequest`: raw contents, or with `binary: false` typed ones. A gRPC client's own message stays as it came,
 * but for the model's name.
 * @throws InferenceError invalid_argument for what gRPC cannot carry, and for shapes that contradict the elements.
 */
export function encodeRequest(request: InferRequest, options: EncodeRequestOptions): WireMessage {
  const unread = unreadMessage(request, options);
  if (unread !== undefined) return unread;
  const { id, parameters, members, requestedOutputs } = request.content;
  const extras = guardExtras(request, () => parametersWithMembers(parameters, members, INTO_REQUEST));
  const body = guardValues(request, () =>
    writeInferMessage(
      {
        modelName: request.modelName,
        modelVersion: request.modelVersion,
        id,
        parameters: extras,
        tensors: resolveRequestTensors(request, options.metadata),
        requestedOutputs: options.forwardRequestedOutputs ? requestedOutputs : undefined,
        typed: options.binary === false,
      },
      REQUEST_LAYOUT,
    ),
  );
  return { headers: {}, body };
}

/**
 * The message of a request that nothing was changed of; undefined where it says more or else than is to be sent.
 * @throws InferenceError invalid_argument for shapes and sizes that no predictor should see.
 */
function unreadMessage(request: InferRequest, options: EncodeRequestOptions): WireMessage | undefined {
  const { source, modelName, modelVersion } = request;
  if (!(source instanceof GrpcRequestSource)) return undefined;
  source.assertForwardable();
  const { message } = source;
  if (readModel(joinChunks(message.body)).modelVersion !== modelVersion) return undefined;
  const asks = REQUEST_LAYOUT.requestedOutputs;
  if (!options.forwardRequestedOutputs && asks !== undefined && hasField(message, asks)) return undefined;
  return replaceModelName(message, modelName);
}

/**
 * A `ModelInferResponse` under the request's id and model name, in the request's form: typed contents to typed, raw to raw.
 * @throws InferenceError invalid_argument for a requested output that is not there.
 */
export function encodeResponse(response: InferResponse, options: EncodeResponseOptions): WireMessage {
  const { request } = options;
  const { id, requestedOutputs } = request.content;
  const { parameters, members } = response.content;
  const tensors = resolveResponseTensors(response, requestedOutputs, options.outputs, options.nonFinite);
  return guardEncoding(() => {
    const body = writeInferMessage(
      {
        modelName: request.modelName,
        modelVersion: response.modelVersion ?? request.modelVersion,
        id,
        parameters: parametersWithMembers(parameters, members, INTO_RESPONSE),
        tensors,
        typed: isTyped(request),
      },
      RESPONSE_LAYOUT,
    );
    return { headers: {}, body };
  });
}

/** True when a response's contents have the form of the request's. */
export function mayForwardResponse(message: WireMessage, request: InferRequest): boolean {
  return hasField(message, RESPONSE_LAYOUT.raw) !== isTyped(request);
}

/** True when the client sent typed contents. */
function isTyped({ source }: InferRequest): boolean {
  return source !== undefined && !hasField(source.message, REQUEST_LAYOUT.raw);
}
