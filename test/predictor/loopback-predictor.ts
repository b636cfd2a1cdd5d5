import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { WireMessage } from "../../src/inference/content.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import { InferResponse, responseContentOf } from "../../src/inference/infer-response.ts";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import type { Datatype } from "../../src/tensor/datatype.ts";
import { renameTensor } from "../../src/tensor/lookup-tensor.ts";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface LoopbackOptions {
  /** Datatype of the model's input and output. @default "FP32" */
  readonly datatype?: Datatype;
  /** What `/v2` lists. @default ["binary_tensor_data"] */
  readonly extensions?: readonly string[];
  /** Answers instead of the model; true when it did. */
  readonly intercept?: (seen: SeenRequest, response: ServerResponse) => boolean;
}

export interface Loopback {
  readonly url: string;
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

/**
 * A predictor on loopback that speaks V1, V2 JSON and V2 binary: its model `m` takes `x` [-1, 3] and gives it back as `y`.
 */
export async function startLoopback(options: LoopbackOptions = {}): Promise<Loopback> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const request = {
      method: message.method ?? "",
      path: message.url ?? "",
      headers: message.headers,
      body: Buffer.concat(chunks),
    };
    seen.push(request);
    if (options.intercept?.(request, response) === true) return;
    answer(request, response, options);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function answer(request: SeenRequest, response: ServerResponse, options: LoopbackOptions): void {
  const { datatype = "FP32", extensions = ["binary_tensor_data"] } = options;
  const json = (status: number, value: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  switch (`${request.method} ${request.path}`) {
    case "GET /v1/models/m":
    case "GET /v2/models/m/ready":
      json(200, { name: "m", ready: true });
      return;
    case "GET /v2":
      json(200, { name: "loopback", version: "1", extensions });
      return;
    case "GET /v2/models/m":
      json(200, {
        name: "m",
        versions: ["1"],
        platform: "loopback",
        inputs: [{ name: "x", datatype, shape: [-1, 3] }],
        outputs: [{ name: "y", datatype, shape: [-1, 3] }],
      });
      return;
    case "POST /v1/models/m:predict":
    case "POST /v1/models/m:explain":
      send(response, infer("v1", request));
      return;
    case "POST /v2/models/m/infer":
      send(response, infer("v2", request));
      return;
    default:
      json(404, { error: `no ${request.method} ${request.path}` });
      return;
  }
}

function infer(wire: "v1" | "v2", seen: SeenRequest): WireMessage {
  const codec = selectCodec(wire);
  const headers = Object.fromEntries(Object.entries(seen.headers).map(([name, value]) => [name, String(value)]));
  const message = { headers, body: [seen.body] };
  const request = codec.decodeRequest(message, { modelName: "m", limits: DEFAULT_LIMITS });
  const content = wire === "v1" ? responseContentOf({ predictions: request.instances }) : outputsOf(request);
  return codec.encodeResponse(new InferResponse({ modelName: "m", content }), { request });
}

function outputsOf(request: InferRequest) {
  return responseContentOf({ outputs: request.inputs.map((tensor) => renameTensor(tensor, "y")) });
}

function send(response: ServerResponse, { headers, body }: WireMessage): void {
  response.writeHead(200, headers).end(Buffer.concat(body));
}
