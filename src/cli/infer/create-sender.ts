import { Buffer } from "node:buffer";
import { invalidArgument } from "../../errors.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { formatJson } from "../../json/format-json.ts";
import { parseJson } from "../../json/parse-json.ts";
import { createPredictor } from "../../predictor/create-predictor.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { selectCodec } from "../../protocol/select-codec.ts";
import type { Connection, HttpResponse } from "./connection.ts";
import type { InferInput } from "./read-words.ts";
import { type InferProtocol, toMessage, toRequest } from "./to-message.ts";

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
  const { path, headers, body } = toMessage(options.input, options);
  return {
    send: (requestId, signal) =>
      options.connection.send(path, signal, { headers: { ...headers, "x-request-id": requestId }, body }),
    close: async () => undefined,
  };
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
      const value = parseJson(Buffer.concat(body), { maxDepth: DEFAULT_LIMITS.maxJsonDepth });
      return { status: 200, text: formatJson(value) };
    },
    close: () => predictor.close(),
  };
}
