import { Buffer } from "node:buffer";
import type { WireMessage } from "../../../src/inference/content.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { TensorValues } from "../../../src/inference/row-and-tensor-values.ts";
import type { DecodeRequestOptions } from "../../../src/protocol/codec.ts";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { v1Codec } from "../../../src/protocol/v1/v1-codec.ts";
import type { Parameters, Tensor, TensorSpec } from "../../../src/tensor/tensor.ts";
import { bodyText } from "../recordings.ts";

export const message = (text: string): WireMessage => ({ headers: {}, body: [Buffer.from(text)] });
export const decode = (text: string, options: Partial<DecodeRequestOptions> = {}) =>
  v1Codec.decodeRequest(message(text), { modelName: "m", limits, ...options });
export const decodeAnswer = (text: string, outputs?: readonly TensorSpec[]) =>
  v1Codec.decodeResponse(message(text), { modelName: "m", limits, outputs });
export const requestOf = (tensors: readonly Tensor[], parameters: Parameters = {}) =>
  new InferRequest({
    modelName: "m",
    content: { parameters, members: {}, values: new TensorValues(tensors, "input") },
  });
export const answerText = (response: InferResponse, request: InferRequest) =>
  bodyText(v1Codec.encodeResponse(response, { request }));
export const plain = (tensors: readonly Tensor[]) =>
  tensors.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data }));

export const fp32 = (name: string, shape: readonly number[], ...data: number[]): Tensor => ({
  name,
  datatype: "FP32",
  shape,
  data: Float32Array.from(data),
});
export const bytes = (name: string, shape: readonly number[], ...texts: string[]): Tensor => ({
  name,
  datatype: "BYTES",
  shape,
  data: texts.map((text) => new Uint8Array(Buffer.from(text, "latin1"))),
});
