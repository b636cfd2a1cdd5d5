import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { logVerbosity, type ServiceError, setLogVerbosity, status } from "@grpc/grpc-js";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createGrpcPredictor } from "../../src/predictor/grpc/grpc-predictor.ts";
import { createGrpcV1Predictor } from "../../src/predictor/grpc/grpc-v1-predictor.ts";
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

/** Begins a response that never ends. */
function stall(bytes: Uint8Array): Respond {
  return (stream) => {
    stream.respond(HEAD);
    stream.write(bytes);
  };
}

function headOnly(headers: object): Respond {
  return (stream) => stream.respond({ ...HEAD, ...headers }, { endStream: true });
}

const NONSENSE = frame(Buffer.from("ffffffffffffffff", "hex"));
const INCOMPLETE = "the predictor's response ended before it was complete";
const NONE = "the predictor's response has no whole message";
const NO_STATUS = "the predictor's response has no grpc-status that is one number";
const SEVERAL = "the predictor's response has more than one message";
const COMPRESSED = "the predictor's response is not compressed as its grpc-encoding says";
const TOO_LARGE = "the predictor's response is larger than 10000 bytes (max_response_bytes)";
const EMPTY = frame(Buffer.alloc(0));
const { UNAVAILABLE, INTERNAL, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED: BUSY } = status;

const refused = (code: number, headers: object) => headOnly({ "grpc-status": String(code), ...headers });

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
    TOO_LARGE,
  ],
  ["a status and no message", headOnly({ "grpc-status": "0" }), 502, UNAVAILABLE, NONE],
  ["a head, no message and a status", message(Buffer.alloc(0)), 502, UNAVAILABLE, NONE],
  ["two messages", message(Buffer.concat([EMPTY, EMPTY])), 502, UNAVAILABLE, SEVERAL],
  ["two messages of several bytes", message(Buffer.concat([NONSENSE, NONSENSE])), 502, UNAVAILABLE, SEVERAL],
  ["a thousand messages", message(Buffer.alloc(5000)), 502, UNAVAILABLE, SEVERAL],
  [
    "a second message later, and no status",
    (stream) => {
      stream.respond(HEAD);
      stream.write(EMPTY);
      setTimeout(() => stream.write(EMPTY), 20);
    },
    502,
    UNAVAILABLE,
    SEVERAL,
  ],
  [
    "two statuses behind a message",
    (stream) => {
      stream.respond(HEAD, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": ["0", "0"] }));
      stream.end(EMPTY);
    },
    502,
    UNAVAILABLE,
    NO_STATUS,
  ],
  ["two statuses alone", headOnly({ "grpc-status": ["8", "8"] }), 502, UNAVAILABLE, NO_STATUS],
  ["a message that breaks off", message(frame(Buffer.of(1), 0, 9)), 502, UNAVAILABLE, NONE],
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
  ["bytes that are no message", message(NONSENSE), 502, UNAVAILABLE, "predictor's response: expected a protobuf"],
  ["a message larger than the limit", message(frame(Buffer.alloc(10_001))), 502, UNAVAILABLE, TOO_LARGE],
  [
    "a head of a message larger than the limit",
    message(frame(Buffer.of(1), 0, 0xffffffff)),
    502,
    UNAVAILABLE,
    TOO_LARGE,
  ],
  [
    "a compressed message under identity",
    message(frame(Buffer.of(1, 2), 1), { "grpc-encoding": "identity" }),
    502,
    UNAVAILABLE,
    COMPRESSED,
  ],
  ["a flag that gRPC does not have", message(frame(Buffer.of(1, 2), 2)), 502, UNAVAILABLE, ""],
  ["words whose percent escapes are broken", refused(8, { "grpc-message": "a%zz%ff%4" }), 429, BUSY, "a%zz%ff%4"],
  ["words of bytes that are no UTF-8", refused(8, { "grpc-message": "caf%e9" }), 429, BUSY, "caf"],
  ["words of 60 KB", refused(8, { "grpc-message": "w".repeat(60_000) }), 429, BUSY, "www"],
  [
    "details that are no base64",
    refused(8, { "grpc-message": "odd", "grpc-status-details-bin": "%%%" }),
    429,
    BUSY,
    "odd",
  ],
  ["retry-after of odd bytes", refused(8, { "grpc-message": "odd", "retry-after": "\u00ff;\u0080" }), 429, BUSY, "odd"],
  [
    "a pushback that is no number",
    refused(8, { "grpc-message": "odd", "grpc-retry-pushback-ms": "-\u00ff" }),
    429,
    BUSY,
    "odd",
  ],
  ["a status that gRPC does not have", headOnly({ "grpc-status": "99", "grpc-message": "odd" }), 500, INTERNAL, "odd"],
  ["a status that gRPC does not have, without words", headOnly({ "grpc-status": "99" }), 500, INTERNAL, "status 99"],
  ["a status that is no number", headOnly({ "grpc-status": "x", "grpc-message": "odd" }), 502, UNAVAILABLE, NO_STATUS],
  ["no status", headOnly({}), 502, UNAVAILABLE, "the predictor's response is not gRPC: HTTP status 200"],
  ["404", headOnly({ ":status": 404 }), 502, UNAVAILABLE, "the predictor's response is not gRPC: HTTP status 404"],
  ["503", headOnly({ ":status": 503 }), 503, UNAVAILABLE, "HTTP status code 503"],
];

const STALLS: readonly [string, Respond][] = [
  ["silence", () => undefined],
  ["a head and nothing behind it", (stream) => stream.respond(HEAD)],
  ["half a frame's head", stall(Buffer.of(0, 0))],
  ["half a message", stall(frame(Buffer.of(1), 0, 9))],
  ["a message without its status", stall(EMPTY)],
];

describe.each([
  ["grpc-v2", createGrpcPredictor],
  ["grpc-v1", createGrpcV1Predictor],
] as const)("a predictor over %s whose response is none", (_protocol, createPredictor) => {
  let predictor: Http2Server;
  let respond: Respond = () => undefined;
  const servers: ServerHandle[] = [];

  /** What clients of V2 and of gRPC get. */
  async function ask(server: ServerHandle): Promise<{ rest: [number, string]; grpc: [status, string] }> {
    const answered = await fetch(`${server.url}/v2/models/m/infer`, { method: "POST", body: V2_QUESTION });
    const { error } = (await answered.json()) as { error: string };
    const client = connect(server.port);
    const failed = await callUnary(client, MODEL_INFER, QUESTION).catch((thrown: ServiceError) => thrown);
    client.close();
    const { code, details } = failed as ServiceError;
    return { rest: [answered.status, error], grpc: [code, details] };
  }

  async function startServer(requestTimeoutMs: number): Promise<ServerHandle> {
    const host = `127.0.0.1:${(predictor.address() as AddressInfo).port}`;
    const server = await serve(Plain, {
      host: "127.0.0.1",
      port: 0,
      modelName: "m",
      log: createLogger({ level: "silent" }),
      predictor: createPredictor({ modelName: "m", host, maxResponseBytes: 10_000, requestTimeoutMs }),
    });
    servers.push(server);
    await server.ready();
    return server;
  }

  let patient: ServerHandle;
  let hasty: ServerHandle;
  beforeAll(async () => {
    // A header of odd bytes is left out by grpc-js, which says so on the console.
    setLogVerbosity(logVerbosity.NONE);
    predictor = createServer().on("stream", (stream) => {
      stream.on("error", () => undefined);
      stream.resume().on("end", () => respond(stream));
    });
    await once(predictor.listen(0, "127.0.0.1"), "listening");
    patient = await startServer(60_000);
    hasty = await startServer(200);
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    predictor.close();
  });

  test.each(CASES)("%s", async (_name, wrong, restStatus, grpcStatus, said) => {
    respond = wrong;
    const told = expect.stringContaining(said);
    expect(await ask(patient)).toEqual({ rest: [restStatus, told], grpc: [grpcStatus, told] });
  });

  test.each(STALLS)("%s ends at the deadline", async (_name, stalled) => {
    respond = stalled;
    const told = expect.stringContaining("no response within 200 ms");
    expect(await ask(hasty)).toEqual({ rest: [504, told], grpc: [DEADLINE_EXCEEDED, told] });
  });
});
