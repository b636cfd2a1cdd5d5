import type { InferenceError } from "../errors.ts";
import type { WireForm, WireMessage } from "../inference/content.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import type { ModelMetadata } from "../inference/model-metadata.ts";
import type { NonFiniteText } from "../tensor/number-text/create-element-writer.ts";
import type { TensorSpec } from "../tensor/tensor.ts";
import type { Limits } from "./limits.ts";

/**
 * One wire form, both directions, both sides: the server decodes requests and encodes responses with it, a predictor
 * client encodes requests and decodes responses. To add a protocol, add a folder with these five functions.
 *
 * Decoding is lazy: the message is kept, and read when somebody first asks for its content.
 */
export interface Codec {
  readonly wire: WireForm;
  decodeRequest(message: WireMessage, options: DecodeRequestOptions): InferRequest;
  encodeRequest(request: InferRequest, options: EncodeRequestOptions): WireMessage;
  decodeResponse(message: WireMessage, options: DecodeResponseOptions): InferResponse;
  encodeResponse(response: InferResponse, options: EncodeResponseOptions): WireMessage;
  encodeError(error: InferenceError, requestId: string): WireMessage;
  /**
   * True when an unread response may go to this client as it came: it has the form that the client's request asks for (V1:
   * `predictions` for rows, `outputs` for columns; V2: JSON where no binary output was asked for). Looks at headers and the
   * first bytes only; in doubt false, and the response is decoded and encoded again.
   */
  mayForwardResponse(message: WireMessage, request: InferRequest): boolean;
  /** The same response under another model name, all other bytes as they came; the same message where it carries no name. */
  replaceModelName(message: WireMessage, modelName: string): WireMessage;
}

export interface DecodeRequestOptions {
  /** From the path. */
  readonly modelName: string;
  readonly modelVersion?: string | undefined;
  readonly limits: Limits;
  /** The transformer's declared inputs: datatypes for content that carries none. */
  readonly inputs?: readonly TensorSpec[] | undefined;
  /** Accept another step's response (`predictions`, `outputs`) as input, for InferenceGraph. @default false */
  readonly chaining?: boolean | undefined;
}

export interface EncodeRequestOptions {
  /** The predictor's metadata, where it has any: names and datatypes for tensors that are derived from rows. */
  readonly metadata?: ModelMetadata | undefined;
  /** V2: send tensors as binary, and ask for binary responses. @default false */
  readonly binary?: boolean | undefined;
  /** V1: how tensors are laid out; `auto` is rows where the tensors have a common first dimension. @default "auto" */
  readonly v1Form?: "auto" | "rows" | "columns" | undefined;
  /** V2: send the requested outputs along; only when no hook looks at the response. @default false */
  readonly forwardRequestedOutputs?: boolean | undefined;
}

export interface DecodeResponseOptions {
  readonly modelName: string;
  readonly limits: Limits;
  /** The transformer's declared outputs. */
  readonly outputs?: readonly TensorSpec[] | undefined;
}

export interface EncodeResponseOptions {
  /** The client's request, as decoded by this codec: its form decides that of the response. */
  readonly request: InferRequest;
  /** The transformer's declared outputs: columns for predictions that are not tensors. */
  readonly outputs?: readonly TensorSpec[] | undefined;
  /** The JSON text for NaN and infinities, which JSON has no number for. @default the response is an error */
  readonly nonFinite?: NonFiniteText | undefined;
}
