import { Buffer } from "node:buffer";
import { once } from "node:events";
import { fromBinary } from "@bufbuild/protobuf";
import { type Client, Metadata, status } from "@grpc/grpc-js";
import { InferenceError } from "../../../src/errors.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import type { RequestContext } from "../../../src/inference/request-context.ts";
import { TensorValues } from "../../../src/inference/row-and-tensor-values.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { joinChunks } from "../../../src/protocol/body-bytes.ts";
import * as pb from "../../../src/protocol/grpc/gen/inference_pb.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { createModelServer } from "../../../src/server/create-app.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";
import {
  callUnary,
  connect,
  createEchoServer,
  type EchoServer,
  type Respond,
  type RunningGrpc,
  runGrpc,
  SERVICE,
} from "./grpc-fixtures.ts";

const MAX_BYTES = 100_000;
const x: Tensor = { name: "x", datatype: "FP32", shape: [4], data: Float32Array.of(1, 2.5, -3, Number.NaN) };

let server: RunningGrpc | undefined;
let client: Client | undefined;

afterEach(async () => {
  client?.close();
  await server?.close(0);
});

async function start(respond?: Respond): Promise<{ client: Client; echo: EchoServer }> {
  const echo = createEchoServer(respond, { limits: { maxBodyBytes: MAX_BYTES } });
  server = await runGrpc(echo.server);
  client = connect(server.port);
  return { client, echo };
}

function inferBytes(tensors: readonly Tensor[] = [x], modelName = "m", id = "7"): Buffer {
  const content = { id, parameters: {}, members: {}, values: new TensorValues(tensors, "input") };
  return joinChunks(grpcCodec.encodeRequest(new InferRequest({ modelName, content }), {}).body);
}

function infer(to: Client, bytes = inferBytes(), options: Parameters<typeof callUnary>[3] = {}) {
  return callUnary(to, `${SERVICE}/ModelInfer`, bytes, options);
}

test("a response is in the request's form, under its id and model", async () => {
  const { client } = await start();
  const { bytes } = await infer(client);
  const response = fromBinary(pb.ModelInferResponseSchema, bytes);
  expect(response).toMatchObject({
    modelName: "m",
    id: "7",
    outputs: [{ name: "x", datatype: "FP32", shape: [4n] }],
  });
  expect(Buffer.from(response.rawOutputContents[0] as Uint8Array)).toEqual(
    Buffer.from((x.data as Float32Array).buffer),
  );
});

test("metadata arrives as headers, and headers go out as metadata", async () => {
  let seen: Readonly<Record<string, string>> = {};
  const { client } = await start((request, { headers }) => {
    seen = headers;
    return request.reply({ outputs: [] });
  });
  const metadata = new Metadata();
  metadata.set("x-request-id", "abc");
  metadata.add("x-many", "one");
  metadata.add("x-many", "two");
  metadata.set("trace-bin", Buffer.from([1, 255]));
  const answer = await infer(client, inferBytes(), { metadata });
  expect(seen).toEqual({ "x-request-id": "abc", "x-many": "one, two", "trace-bin": "Af8=" });
  expect(answer.metadata.get("x-request-id")).toEqual(["abc"]);
});

test("a message over the limit is RESOURCE_EXHAUSTED and names both sizes", async () => {
  const { client } = await start();
  const big: Tensor = { name: "x", datatype: "UINT8", shape: [MAX_BYTES], data: new Uint8Array(MAX_BYTES) };
  const bytes = inferBytes([big]);
  await expect(infer(client, bytes)).rejects.toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
    details: expect.stringMatching(new RegExp(`larger than max.*${bytes.length}.*${MAX_BYTES}`)),
  });
});

test("an InferenceError keeps its code, message and headers", async () => {
  const { client, echo } = await start(() => {
    throw new InferenceError("too busy – später", { code: "resource_exhausted", headers: { "retry-after": "3" } });
  });
  const failure = await infer(client).catch((error) => error);
  expect(failure).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: "too busy – später" });
  expect(failure.metadata.get("retry-after")).toEqual(["3"]);
  expect(echo.errors).toHaveLength(1);
});

test("headers that a hook set go out with an error, and the error's own win", async () => {
  class Refusing extends Transformer {
    override preprocess(_request: InferRequest, context: RequestContext<undefined>): InferRequest {
      Object.assign(context.responseHeaders, { "x-queue": "12", "retry-after": "1" });
      throw new InferenceError("too many", { code: "resource_exhausted", headers: { "retry-after": "7" } });
    }
  }
  server = await runGrpc(createModelServer({ m: Refusing }, { log: createLogger({ level: "silent" }) }));
  client = connect(server.port);
  const failure = await infer(client).catch((error) => error);
  expect(failure).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: "too many" });
  expect(failure.metadata.getMap()).toMatchObject({ "x-queue": "12", "retry-after": "7" });
});

test("any other error is INTERNAL, says nothing of its cause and names the request", async () => {
  const { client, echo } = await start(() => {
    throw new Error("secret 10.0.0.1");
  });
  const metadata = new Metadata();
  metadata.set("x-request-id", "abc");
  await expect(infer(client, inferBytes(), { metadata })).rejects.toMatchObject({
    code: status.INTERNAL,
    details: "internal error (request abc)",
  });
  expect(echo.errors[0]?.cause).toEqual(new Error("secret 10.0.0.1"));
});

test("an endless message with half a surrogate still carries its status", async () => {
  const { client } = await start(() => {
    throw new InferenceError(`\ud800${"ä".repeat(10_000)}`, { code: "invalid_argument" });
  });
  await expect(infer(client)).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringMatching(/^\ufffdä+… \d+ characters …ä+$/),
  });
});

test("bytes that are no protobuf are INVALID_ARGUMENT", async () => {
  const { client } = await start();
  await expect(infer(client, Buffer.from("\xff\xff\xff\xffgarbage", "latin1"))).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
  });
});

test("a response aborts nothing, though every call ends", async () => {
  let signal: AbortSignal | undefined;
  const { client } = await start((request, call) => {
    signal = call.signal;
    return request.reply({ outputs: [] });
  });
  await infer(client);
  await server?.close(5000);
  expect(signal?.aborted).toBe(false);
});

test("a client that cancels aborts the signal", async () => {
  let entered: () => void = () => undefined;
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  let reason: unknown;
  const { client } = await start(async (_, { signal }) => {
    entered();
    await once(signal, "abort");
    reason = signal.reason;
    throw signal.reason;
  });
  const leave = new AbortController();
  const call = infer(client, inferBytes(), { signal: leave.signal });
  await inside;
  leave.abort();
  await expect(call).rejects.toMatchObject({ code: status.CANCELLED });
  await server?.close(5000);
  expect(reason).toMatchObject({ code: "cancelled" });
});

test("the client's deadline ends the call and aborts the signal", async () => {
  let headers: Readonly<Record<string, string>> = {};
  let reason: unknown;
  const { client } = await start(async (_, call) => {
    headers = call.headers;
    if (!call.signal.aborted) await once(call.signal, "abort");
    reason = call.signal.reason;
    throw reason;
  });
  // On a busy machine the time may be over before the call arrives.
  while (headers["grpc-timeout"] === undefined) {
    await expect(infer(client, inferBytes(), { deadline: Date.now() + 200 })).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
  }
  await server?.close(5000);
  expect(headers["grpc-timeout"]).toMatch(/^\d{1,3}m$/);
  expect(reason).toMatchObject({ code: "deadline_exceeded" });
});

test("typed contents are answered with typed contents", async () => {
  const { client } = await start();
  const content = { parameters: {}, members: {}, values: new TensorValues([x], "input") };
  const typed = grpcCodec.encodeRequest(new InferRequest({ modelName: "m", content }), { binary: false });
  const { bytes } = await infer(client, joinChunks(typed.body));
  const response = fromBinary(pb.ModelInferResponseSchema, bytes);
  expect(response.outputs[0]?.contents?.fp32Contents).toEqual([1, 2.5, -3, Number.NaN]);
  expect(response.rawOutputContents).toEqual([]);
  const options = { modelName: "m", limits: DEFAULT_LIMITS };
  expect(grpcCodec.decodeResponse({ headers: {}, body: [bytes] }, options).output().data).toEqual(x.data);
});
