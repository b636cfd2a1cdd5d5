import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { type Client, type ServiceError, status } from "@grpc/grpc-js";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createGrpcPredictor } from "../../src/predictor/grpc/grpc-predictor.ts";
import { joinChunks } from "../../src/protocol/body-bytes.ts";
import { grpcCodec } from "../../src/protocol/grpc/grpc-codec.ts";
import { MODEL_INFER } from "../../src/protocol/grpc/infer-message.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import { createTensor } from "../../src/tensor/tensor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";
import { callUnary, connect } from "../server/grpc/grpc-fixtures.ts";

class Plain extends Transformer {}

const tensor = createTensor("x", "FP32", [1], Float32Array.of(1));
const values = new TensorValues([tensor], "input");
const question = new InferRequest({ modelName: "m", content: { parameters: {}, members: {}, values } });
const QUESTION = joinChunks(grpcCodec.encodeRequest(question, {}).body);
const V2_QUESTION = JSON.stringify({ inputs: [{ name: "x", datatype: "FP32", shape: [1], data: [1] }] });

const HEAD = { ":status": 200, "content-type": "application/grpc+proto" };

/** A message as gRPC frames it: a flag, the length in four bytes, the bytes. */
function frame(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

type Respond = (stream: ServerHttp2Stream) => void;

function message(bytes: Uint8Array, more: object = {}): Respond {
  return (stream) => {
    stream.respond({ ...HEAD, ...more }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(bytes);
  };
}

function headOnly(headers: object): Respond {
  return (stream) => stream.respond({ ...HEAD, ...headers }, { endStream: true });
}

const NONSENSE = frame(Buffer.from("ffffffffffffffff", "hex"));
const INCOMPLETE = "the predictor's response ended before it was complete";
const COMPRESSED = "the predictor's response is not compressed as its grpc-encoding says";
const { UNAVAILABLE, INTERNAL } = status;

/** What the predictor does, what a client of V2 gets, and a client of gRPC. */
const CASES: readonly [string, Respond, number, status, string][] = [
  ["a compressed message without an encoding", message(frame(Buffer.of(1, 2), 1)), 502, UNAVAILABLE, COMPRESSED],
  [
    "a compressed message of an unknown encoding",
    message(frame(Buffer.of(1, 2), 1), { "grpc-encoding": "snappy" }),
    502,
    UNAVAILABLE,
    COMPRESSED,
  ],
  ["damaged gzip", message(frame(Buffer.of(1, 2), 1), { "grpc-encoding": "gzip" }), 502, UNAVAILABLE, COMPRESSED],
  [
    "gzip of more than the limit",
    message(frame(gzipSync(Buffer.alloc(20_000)), 1), { "grpc-encoding": "gzip" }),
    502,
    UNAVAILABLE,
    "the predictor's response is larger than 10000 bytes (max_response_bytes)",
  ],
  ["a status and no message", headOnly({ "grpc-status": "0" }), 502, UNAVAILABLE, INCOMPLETE],
  ["a message that breaks off", message(frame(Buffer.of(1), 0, 9)), 502, UNAVAILABLE, INCOMPLETE],
  [
    "a reset behind the head",
    (stream) => {
      stream.respond(HEAD);
      stream.write(frame(Buffer.of(1)), () => stream.close(8));
    },
    502,
    UNAVAILABLE,
    INCOMPLETE,
  ],
  [
    "bytes that are no message",
    message(NONSENSE),
    502,
    UNAVAILABLE,
    "predictor's response: expected a protobuf message",
  ],
  ["a status that gRPC does not have", headOnly({ "grpc-status": "99", "grpc-message": "odd" }), 500, INTERNAL, "odd"],
  ["a status that is no number", headOnly({ "grpc-status": "x", "grpc-message": "odd" }), 500, INTERNAL, "odd"],
  ["no status", headOnly({}), 502, UNAVAILABLE, "the predictor's response is not gRPC: HTTP status 200"],
  ["404", headOnly({ ":status": 404 }), 502, UNAVAILABLE, "the predictor's response is not gRPC: HTTP status 404"],
  ["503", headOnly({ ":status": 503 }), 503, UNAVAILABLE, "HTTP status code 503"],
];

describe("a predictor over gRPC whose response is none", () => {
  let predictor: Http2Server;
  let server: ServerHandle;
  let client: Client;
  let respond: Respond = () => undefined;

  beforeAll(async () => {
    predictor = createServer().on("stream", (stream) => {
      stream.on("error", () => undefined);
      stream.resume().on("end", () => respond(stream));
    });
    await once(predictor.listen(0, "127.0.0.1"), "listening");
    const { port } = predictor.address() as AddressInfo;
    server = await serve(Plain, {
      host: "127.0.0.1",
      port: 0,
      modelName: "m",
      log: createLogger({ level: "silent" }),
      predictor: createGrpcPredictor({ modelName: "m", host: `127.0.0.1:${port}`, maxResponseBytes: 10_000 }),
    });
    await server.ready();
    client = connect(server.port);
  });
  afterAll(async () => {
    client.close();
    await server.close();
    predictor.close();
  });

  test.each(CASES)("%s", async (_name, wrong, restStatus, grpcStatus, said) => {
    respond = wrong;
    const answered = await fetch(`${server.url}/v2/models/m/infer`, { method: "POST", body: V2_QUESTION });
    const { error } = (await answered.json()) as { error: string };
    expect([answered.status, error]).toEqual([restStatus, expect.stringContaining(said)]);
    const failed = await callUnary(client, MODEL_INFER, QUESTION).catch((thrown: ServiceError) => thrown);
    expect(failed).toMatchObject({ code: grpcStatus, details: expect.stringContaining(said) });
  });
});
