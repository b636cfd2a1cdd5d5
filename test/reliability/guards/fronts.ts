import { InferRequest } from "../../../src/inference/infer-request.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { selectCodec } from "../../../src/protocol/select-codec.ts";
import { createTensor } from "../../../src/tensor/tensor.ts";
import { type Answer, type Ask, askGrpc, askHttp, askHttp2, askPage } from "./clients.ts";

/** One way by which a request reaches a model. */
export interface Front {
  readonly name: string;
  /** A transformer with hooks stands behind it; without, the bytes go through unread. */
  readonly hooked: boolean;
  /** As metrics and logs call it. */
  readonly protocol: string;
  /** What the predictor behind is asked in. */
  readonly predictorProtocol: "v1" | "v2";
  /** The response comes as events. */
  readonly streams?: boolean;
  readonly grpc?: boolean;
  /** A page of ours sends the request on, with an id of its own. */
  readonly page?: boolean;
  /** Reads bodies before it sends them on, and refuses a broken one itself. */
  readonly readsFirst?: boolean;
  /** `createApp` in somebody's own server, instead of `serve`. */
  readonly mounted?: boolean;
  ask(server: { readonly url: string; readonly grpcUrl: string }, options?: Ask): Promise<Answer>;
}

const JSON_TYPE = { "content-type": "application/json" };

/** One row of text, as long as is asked for. */
function rowOf({ padding = 0 }: Ask): InferRequest {
  const row = new TextEncoder().encode(`row${"x".repeat(padding)}`);
  return InferRequest.create({ modelName: "m", inputs: [createTensor("x", "BYTES", [1], [row])] });
}

const V1 = "/v1/models/m:predict";
const V2 = "/v2/models/m/infer";
/** Field 5, `inputs`, of one byte that is no tensor. */
const NO_TENSOR = Uint8Array.of(0x2a, 1, 0xff);
const BROKEN = Buffer.from('{"instances":[1,');

function v1Body(options: Ask): Uint8Array {
  if (options.broken) return BROKEN;
  return Buffer.concat(selectCodec("v1").encodeRequest(rowOf(options), {}).body);
}

const askV1: Front["ask"] = ({ url }, options = {}) => askHttp(url + V1, JSON_TYPE, v1Body(options), options);

function v2Ask(binary: boolean): Front["ask"] {
  return ({ url }, options = {}) => {
    const { headers, body } = selectCodec("v2").encodeRequest(rowOf(options), { binary });
    const bytes = Buffer.concat(body);
    return askHttp(url + V2, headers, options.broken ? bytes.subarray(0, -2) : bytes, options);
  };
}

/** A body that is handed on while it comes. */
function large(ask: Front["ask"]): Front["ask"] {
  return (server, options = {}) => ask(server, { ...options, padding: Math.max(options.padding ?? 0, 300_000) });
}

const askEvent: Front["ask"] = ({ url }, options = {}) => {
  const event = { specversion: "1.0", id: "1", source: "test", type: "asked" };
  const text = `${JSON.stringify(event).slice(0, -1)},"data":${Buffer.from(v1Body(options)).toString()}}`;
  return askHttp(url + V1, { "content-type": "application/cloudevents+json" }, Buffer.from(text), options);
};

function completionAsk(path: string, members: object): Front["ask"] {
  return ({ url }, options = {}) => {
    const body = { model: "m", ...members, text_input: `row${"x".repeat(options.padding ?? 0)}` };
    return askHttp(url + path, JSON_TYPE, options.broken ? BROKEN : Buffer.from(JSON.stringify(body)), options);
  };
}

const askInfer: Front["ask"] = ({ grpcUrl }, options = {}) => {
  const bytes = Buffer.concat(grpcCodec.encodeRequest(rowOf(options), {}).body);
  return askGrpc(grpcUrl, options.broken ? Buffer.concat([bytes, NO_TENSOR]) : bytes, options);
};

function pageAsk(protocol: "v1" | "grpc"): Front["ask"] {
  return ({ url }, options = {}) => {
    const typed = options.broken ? '{"instances":5}' : Buffer.from(v1Body(options)).toString();
    return askPage(url, { model: "m", protocol, body: typed }, options);
  };
}

const generate = "/v2/models/m/generate";
const chat = "/openai/v1/chat/completions";
const v1 = { protocol: "v1", predictorProtocol: "v1" } as const;
const v2 = { protocol: "v2", predictorProtocol: "v2" } as const;
const openai = { protocol: "openai", predictorProtocol: "v2" } as const;
const stream = { stream: true };

/** Every front, with hooks and without where bytes may go through unread. */
export const FRONTS: readonly Front[] = [
  { name: "V1", hooked: true, ...v1, ask: askV1 },
  { name: "V1, unread", hooked: false, ...v1, ask: askV1 },
  { name: "V1, unread, large", hooked: false, ...v1, ask: large(askV1) },
  { name: "V1 over HTTP/2", hooked: true, ...v1, ask: ({ url }, o = {}) => askHttp2(url, V1, JSON_TYPE, v1Body(o), o) },
  { name: "V1 in an Express app", hooked: true, ...v1, mounted: true, ask: askV1 },
  { name: "CloudEvents on V1", hooked: true, ...v1, ask: askEvent },
  { name: "V2", hooked: true, ...v2, ask: v2Ask(false) },
  { name: "V2, unread", hooked: false, ...v2, ask: v2Ask(false) },
  { name: "V2 binary", hooked: true, ...v2, ask: v2Ask(true) },
  { name: "V2 binary, unread", hooked: false, ...v2, ask: v2Ask(true) },
  { name: "V2 binary, unread, large", hooked: false, ...v2, ask: large(v2Ask(true)) },
  { name: "gRPC", hooked: true, ...v2, protocol: "grpc-v2", grpc: true, ask: askInfer },
  { name: "generate", hooked: true, ...v2, protocol: "generate", ask: completionAsk(generate, {}) },
  {
    name: "generate_stream",
    hooked: true,
    ...v2,
    protocol: "generate",
    streams: true,
    ask: completionAsk(`${generate}_stream`, {}),
  },
  { name: "completions", hooked: true, ...openai, ask: completionAsk("/openai/v1/completions", {}) },
  { name: "chat", hooked: true, ...openai, ask: completionAsk(chat, {}) },
  { name: "chat, stream", hooked: true, ...openai, streams: true, ask: completionAsk(chat, stream) },
  { name: "chat, stream, unread", hooked: false, ...openai, streams: true, ask: completionAsk(chat, stream) },
  { name: "playground, V1", hooked: true, ...v1, page: true, ask: pageAsk("v1") },
  {
    name: "playground, gRPC",
    hooked: true,
    ...v1,
    protocol: "grpc-v2",
    page: true,
    readsFirst: true,
    ask: pageAsk("grpc"),
  },
];
