import { Buffer } from "node:buffer";
import { invalidArgument } from "../../errors.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import { RowValues, TensorValues } from "../../inference/row-and-tensor-values.ts";
import { formatJson } from "../../json/format-json.ts";
import { parseJson } from "../../json/parse-json.ts";
import { createPredictor } from "../../predictor/create-predictor.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { selectCodec } from "../../protocol/select-codec.ts";
import { isJsonObject, type JsonValue } from "../../tensor/json-value.ts";
import type { Connection, HttpResponse } from "./connection.ts";
import type { InferInput } from "./read-words.ts";

export const INFER_PROTOCOLS = ["v1", "v2", "v2-binary", "grpc", "openai"] as const;
export type InferProtocol = (typeof INFER_PROTOCOLS)[number];

export interface SenderOptions {
  readonly connection: Connection;
  readonly protocol: InferProtocol;
  readonly model: string;
  readonly explain: boolean;
  readonly input: InferInput;
}

/** Sends one request, the same each time. */
export interface Sender {
  send(requestId: string, signal: AbortSignal): Promise<HttpResponse>;
  close(): Promise<void>;
}

/** @throws InferenceError invalid_argument for input that the protocol has no form for. */
export async function createSender(options: SenderOptions): Promise<Sender> {
  const { protocol, explain } = options;
  if (explain && protocol !== "v1") throw invalidArgument(`--explain is V1's, got --protocol ${protocol}`);
  if (protocol === "grpc" || protocol === "v2-binary") return createPredictorSender(options, protocol);
  const { path, body } = toMessage(options);
  return {
    send: (requestId, signal) => {
      const headers = { "content-type": "application/json", "x-request-id": requestId };
      return options.connection.send(path, signal, { headers, body });
    },
    close: async () => undefined,
  };
}

function toMessage({ protocol, model, explain, input }: SenderOptions): {
  readonly path: string;
  readonly body: string;
} {
  const name = encodeURIComponent(model);
  switch (protocol) {
    case "v1":
      return {
        path: `/v1/models/${name}:${explain ? "explain" : "predict"}`,
        body: "whole" in input ? input.whole : `{"instances":[${input.rows.join(",")}]}`,
      };
    case "openai":
      return { path: "/openai/v1/chat/completions", body: toChat(model, input) };
    default:
      return { path: `/v2/models/${name}/infer`, body: "whole" in input ? input.whole : toV2Text(model, input) };
  }
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

function toV2Text(model: string, input: InferInput): string {
  const request = toRequest(model, input);
  const { body } = selectCodec("v2").encodeRequest(request, {});
  return Buffer.concat(body).toString("utf8");
}

/** Rows as columns; a whole request of V2 as it is. */
function toRequest(model: string, input: InferInput): InferRequest {
  if ("whole" in input) {
    const message = { headers: { "content-type": "application/json" }, body: [Buffer.from(input.whole)] };
    const isV2 = isJsonObject(parse(input.whole)) && "inputs" in (parse(input.whole) as object);
    return selectCodec(isV2 ? "v2" : "v1").decodeRequest(message, { modelName: model, limits: DEFAULT_LIMITS });
  }
  const rows = new RowValues(input.rows.map(parse), "input");
  const values = new TensorValues(rows.tensors(), "input");
  return new InferRequest({ modelName: model, content: { parameters: {}, members: {}, values } });
}

function parse(text: string): JsonValue {
  return parseJson(Buffer.from(text), { maxDepth: DEFAULT_LIMITS.maxJsonDepth });
}

/** Through the predictor's client, which speaks binary tensors and gRPC; the response is printed as V2 writes it. */
async function createPredictorSender(
  { connection, model, input }: SenderOptions,
  protocol: "grpc" | "v2-binary",
): Promise<Sender> {
  const predictor = await createPredictor(connection.url, {
    protocol: protocol === "grpc" ? "grpc-v2" : "v2",
    binary: "on",
    modelName: model,
  });
  const request = toRequest(model, input);
  return {
    send: async (requestId, signal) => {
      const headers = { ...connection.headers, "x-request-id": requestId };
      const response = await predictor.infer(request, { headers, signal });
      const values = new TensorValues(response.outputs, "output");
      const plain = new InferRequest({ modelName: model, content: { parameters: {}, members: {}, values } });
      const { body } = selectCodec("v2").encodeResponse(response, { request: plain });
      return { status: 200, text: formatJson(parse(Buffer.concat(body).toString("utf8"))) };
    },
    close: () => predictor.close(),
  };
}
