import { Buffer } from "node:buffer";
import type { WireMessage } from "../../../src/inference/content.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { TensorValues } from "../../../src/inference/row-and-tensor-values.ts";
import type { DecodeRequestOptions, EncodeRequestOptions } from "../../../src/protocol/codec.ts";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { v2Codec } from "../../../src/protocol/v2/v2-codec.ts";
import type { Parameters, Tensor } from "../../../src/tensor/tensor.ts";

export const json = (value: unknown): WireMessage => ({
  headers: { "content-type": "application/json" },
  body: [Buffer.from(typeof value === "string" ? value : JSON.stringify(value))],
});
export const decode = (value: unknown, options: Partial<DecodeRequestOptions> = {}) =>
  v2Codec.decodeRequest(json(value), { modelName: "m", limits, ...options });
export const decodeAnswer = (value: unknown) => v2Codec.decodeResponse(json(value), { modelName: "m", limits });
export const encode = (request: InferRequest, options: EncodeRequestOptions = {}) =>
  v2Codec.encodeRequest(request, options);
export const answer = (response: InferResponse, request: InferRequest) => v2Codec.encodeResponse(response, { request });
export const requestOf = (tensors: readonly Tensor[], content: { id?: string; parameters?: Parameters } = {}) =>
  new InferRequest({
    modelName: "m",
    content: { parameters: {}, members: {}, values: new TensorValues(tensors, "input"), ...content },
  });

export const x = { name: "x", shape: [2], datatype: "FP32", data: [1, 2] };
export const y: Tensor = { name: "y", datatype: "FP32", shape: [2], data: Float32Array.of(0.5, 1.5) };
export const z: Tensor = { name: "z", datatype: "BYTES", shape: [1], data: [new Uint8Array(Buffer.from("é"))] };
