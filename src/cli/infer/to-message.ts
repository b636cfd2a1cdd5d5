import { Buffer } from "node:buffer";
import { invalidArgument } from "../../errors.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { rowsToTensors } from "../../inference/rows-and-tensors.ts";
import { parseJson } from "../../json/parse-json.ts";
import { grpcCodec } from "../../protocol/grpc/grpc-codec.ts";
import { MODEL_INFER } from "../../protocol/grpc/infer-message.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { selectCodec } from "../../protocol/select-codec.ts";
import { isJsonObject, type JsonValue } from "../../tensor/json-value.ts";
import type { InferInput } from "./read-words.ts";

export const INFER_PROTOCOLS = ["v1", "v2", "v2-binary", "grpc", "openai"] as const;
export type InferProtocol = (typeof INFER_PROTOCOLS)[number];

/** A request as it goes out, whatever carries it. */
export interface InferMessage {
  /** HTTP path, or gRPC method. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface ToMessageOptions {
  readonly protocol: InferProtocol;
  readonly model: string;
  /** V1's other verb. @default false */
  readonly explain?: boolean;
  /** Names and datatypes for rows that become tensors. */
  readonly metadata?: ModelMetadata | undefined;
}

const JSON_TYPE = { "content-type": "application/json" };

/**
 * What was given, as the protocol says it; rows and whole requests of JSON protocols are sent digit by digit.
 * @throws InferenceError invalid_argument for input that the protocol has no form for.
 */
export function toMessage(input: InferInput, options: ToMessageOptions): InferMessage {
  const { protocol, model } = options;
  if (protocol === "openai") {
    return { path: "/openai/v1/chat/completions", headers: JSON_TYPE, body: Buffer.from(toChat(model, input)) };
  }
  const isText = protocol === "v1" || (protocol === "v2" && "whole" in input);
  if (!isText) return encodeMessage(toRequest(model, input, options.metadata), { ...options, protocol });
  const body = "whole" in input ? input.whole : `{"instances":[${input.rows.join(",")}]}`;
  return { path: pathOf(protocol, options), headers: JSON_TYPE, body: Buffer.from(body) };
}

/** A request as the protocol says it. @throws InferenceError invalid_argument for what its form cannot carry. */
export function encodeMessage(
  request: InferRequest,
  options: ToMessageOptions & { readonly protocol: Exclude<InferProtocol, "openai"> },
): InferMessage {
  const { protocol } = options;
  const codec = protocol === "grpc" ? grpcCodec : selectCodec(protocol === "v1" ? "v1" : "v2");
  const isBinary = protocol === "grpc" || protocol === "v2-binary";
  const encoding = isBinary ? { binary: true, metadata: options.metadata } : {};
  const { headers, body } = codec.encodeRequest(request, encoding);
  const hasFrame = "inference-header-content-length" in headers;
  const type = headers["content-type"] ?? (hasFrame ? "application/octet-stream" : "application/json");
  return {
    path: pathOf(protocol, options),
    headers: { ...headers, "content-type": type },
    body: Buffer.concat(body),
  };
}

function pathOf(protocol: InferProtocol, { model, explain = false }: ToMessageOptions): string {
  if (protocol === "grpc") return MODEL_INFER;
  const name = encodeURIComponent(model);
  return protocol === "v1" ? `/v1/models/${name}:${explain ? "explain" : "predict"}` : `/v2/models/${name}/infer`;
}

/** The texts of the rows as a user's message. */
function toChat(model: string, input: InferInput): string {
  if ("whole" in input) return input.whole;
  const texts = input.rows.map((row) => {
    const value = parse(row);
    const text = isJsonObject(value) ? value["text"] : value;
    if (typeof text === "string") return text;
    throw invalidArgument(`--protocol openai takes text=… or a whole request in a file, got ${row.slice(0, 60)}`);
  });
  return JSON.stringify({ model, messages: texts.map((content) => ({ role: "user", content })) });
}

/** Rows as columns, which the metadata names and types; a whole request of V2 as it is. */
export function toRequest(model: string, input: InferInput, metadata?: ModelMetadata): InferRequest {
  if ("whole" in input) {
    const message = { headers: { "content-type": "application/json" }, body: [Buffer.from(input.whole)] };
    const isV2 = isJsonObject(parse(input.whole)) && "inputs" in (parse(input.whole) as object);
    return selectCodec(isV2 ? "v2" : "v1").decodeRequest(message, { modelName: model, limits: DEFAULT_LIMITS });
  }
  const specs = metadata === undefined || metadata.inputs.length === 0 ? undefined : metadata.inputs;
  const values = new TensorValues(rowsToTensors(input.rows.map(parse), "input", specs), "input");
  return new InferRequest({ modelName: model, content: { parameters: {}, members: {}, values } });
}

function parse(text: string): JsonValue {
  return parseJson(Buffer.from(text), { maxDepth: DEFAULT_LIMITS.maxJsonDepth });
}
