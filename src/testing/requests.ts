import type { WireMessage } from "../inference/content.ts";
import { InferRequest } from "../inference/infer-request.ts";
import { TensorValues } from "../inference/row-and-tensor-values.ts";
import { formatJson } from "../json/format-json.ts";
import { selectCodec } from "../protocol/select-codec.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import type { Parameters, Tensor } from "../tensor/tensor.ts";

/** A request as it would come over the wire. */
export interface TestRequest {
  readonly method: "GET" | "POST";
  /** With the model's name in place of `{model}`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** V1's body: rows, or columns, and whatever members the predictor knows. */
export type V1Body = { readonly [member: string]: JsonValue } & (
  | { readonly instances: readonly JsonValue[] }
  | { readonly inputs: JsonValue }
);

export interface TestRequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** @default "predict" */
  readonly verb?: "predict" | "explain";
}

/** A V1 request: `v1Request({ instances: [{ url: "…" }] })`. */
export function v1Request(body: V1Body, options: TestRequestOptions = {}): TestRequest {
  return {
    method: "POST",
    path: `/v1/models/{model}:${options.verb ?? "predict"}`,
    headers: { "content-type": "application/json", ...options.headers },
    body: new TextEncoder().encode(formatJson(body)),
  };
}

export interface V2RequestOptions extends TestRequestOptions {
  readonly id?: string;
  readonly parameters?: Parameters;
  /** Names of the outputs that are wanted. */
  readonly outputs?: readonly string[];
  /** Tensors and answers in binary form. @default false */
  readonly binary?: boolean;
}

/** A V2 request: `v2Request([createTensor("input-0", "FP32", [1, 4], new Float32Array(4))])`. */
export function v2Request(inputs: readonly Tensor[], options: V2RequestOptions = {}): TestRequest {
  const request = new InferRequest({
    modelName: "model",
    content: {
      ...(options.id === undefined ? {} : { id: options.id }),
      parameters: options.parameters ?? {},
      members: {},
      ...(options.outputs === undefined
        ? {}
        : { requestedOutputs: options.outputs.map((name) => ({ name, parameters: {} })) }),
      values: new TensorValues(inputs, "input"),
    },
  });
  const message = selectCodec("v2").encodeRequest(request, {
    binary: options.binary ?? false,
    forwardRequestedOutputs: true,
  });
  return {
    method: "POST",
    path: `/v2/models/{model}/${options.verb === "explain" ? "explain" : "infer"}`,
    headers: { ...message.headers, ...options.headers },
    body: joinBytes(message.body),
  };
}

export function joinBytes(chunks: WireMessage["body"]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}
