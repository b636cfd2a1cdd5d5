import { Buffer } from "node:buffer";
import { once } from "node:events";
import { fromBinary } from "@bufbuild/protobuf";
import { type Client, Metadata, status } from "@grpc/grpc-js";
import { InferenceError } from "../../../src/errors.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import { TensorValues } from "../../../src/inference/own-values.ts";
import { joinChunks } from "../../../src/protocol/body-bytes.ts";
import * as pb from "../../../src/protocol/grpc/gen/inference_pb.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import {
  type Answer,
  callMethod,
  callUnary,
  connect,
  createBackend,
  type FakeBackend,
  type RunningGrpc,
  runGrpc,
  SERVICE,
} from "./grpc-fixtures.ts";

const MAX_BYTES = 100_000;
const x: Tensor = { name: "x", datatype: "FP32", shape: [4], data: Float32Array.of(1, 2.5, -3, Number.NaN) };
const pairs = {
  modelReady: [pb.ModelReadyRequestSchema, pb.ModelReadyResponseSchema],
  modelMetadata: [pb.ModelMetadataRequestSchema, pb.ModelMetadataResponseSchema],
  load: [pb.RepositoryModelLoadRequestSchema, pb.RepositoryModelLoadResponseSchema],
  unload: [pb.RepositoryModelUnloadRequestSchema, pb.RepositoryModelUnloadResponseSchema],
} as const;

let server: RunningGrpc | undefined;
let client: Client | undefined;

afterEach(async () => {
  client?.close();
  await server?.close(0);
});

async function start(answer?: Answer): Promise<{ client: Client; backend: FakeBackend }> {
  const backend = createBackend(answer);
  server = await runGrpc(backend, { maxReceiveBytes: MAX_BYTES });
  client = connect(server.port);
  return { client, backend };
}

function inferBytes(tensors: readonly Tensor[] = [x], modelName = "m", id = "7"): Buffer {
  const content = { id, parameters: {}, members: {}, values: new TensorValues(tensors, "input") };
  return joinChunks(grpcCodec.encodeRequest(new InferRequest({ modelName, content }), {}).body);
}

function infer(to: Client, bytes = inferBytes(), options: Parameters<typeof callUnary>[3] = {}) {
  return callUnary(to, `${SERVICE}/ModelInfer`, bytes, options);
}

describe("methods", () => {
  test("server live, ready and metadata", async () => {
    const { client, backend } = await start();
    const empty = Buffer.alloc(0);
    expect((await callUnary(client, `${SERVICE}/ServerLive`, empty)).bytes).toEqual(Buffer.from([8, 1]));
    expect((await callUnary(client, `${SERVICE}/ServerReady`, empty)).bytes).toEqual(Buffer.from([8, 1]));
    backend.isReady = false;
    expect((await callUnary(client, `${SERVICE}/ServerReady`, empty)).bytes).toEqual(empty);
    const { bytes } = await callUnary(client, `${SERVICE}/ServerMetadata`, empty);
    expect(fromBinary(pb.ServerMetadataResponseSchema, bytes)).toMatchObject(backend.serverMetadata);
  });

  test("model ready and metadata, with a version", async () => {
    const { client } = await start();
    expect(await callMethod(client, "ModelReady", pairs.modelReady, { name: "m" })).toMatchObject({ ready: true });
    const metadata = await callMethod(client, "ModelMetadata", pairs.modelMetadata, { name: "m", version: "3" });
    expect(metadata).toMatchObject({
      name: "m",
      versions: ["3"],
      inputs: [{ name: "x", datatype: "FP32", shape: [-1n, 4n] }],
      outputs: [{ name: "y", datatype: "BYTES", shape: [-1n] }],
    });
  });

  test("an unknown model is NOT_FOUND everywhere", async () => {
    const { client } = await start();
    const expected = expect.objectContaining({ code: status.NOT_FOUND, details: "model 'nope' does not exist" });
    await expect(callMethod(client, "ModelReady", pairs.modelReady, { name: "nope" })).rejects.toEqual(expected);
    await expect(callMethod(client, "ModelMetadata", pairs.modelMetadata, { name: "nope" })).rejects.toEqual(expected);
    await expect(callMethod(client, "RepositoryModelLoad", pairs.load, { modelName: "nope" })).rejects.toEqual(
      expected,
    );
    await expect(infer(client, inferBytes([x], "nope"))).rejects.toEqual(expected);
  });

  test("the repository index lists all models, or those that are ready", async () => {
    const { client } = await start();
    const pair = [pb.RepositoryIndexRequestSchema, pb.RepositoryIndexResponseSchema] as const;
    const names = async (ready: boolean) =>
      (await callMethod(client, "RepositoryIndex", pair, { ready })).models.map(
        ({ name, state }) => `${name} ${state}`,
      );
    expect(await names(false)).toEqual(["m READY", "other UNAVAILABLE"]);
    expect(await names(true)).toEqual(["m READY"]);
  });

  test("load and unload take KServe's message and Triton's", async () => {
    const { client, backend } = await start();
    const unloaded = await callMethod(client, "RepositoryModelUnload", pairs.unload, { modelName: "m" });
    expect(unloaded).toMatchObject({ modelName: "m", isUnloaded: true });
    expect(backend.loaded.has("m")).toBe(false);
    const triton = Buffer.concat([
      Buffer.from([0x0a, 4]),
      Buffer.from("repo"),
      Buffer.from([0x12, 1]),
      Buffer.from("m"),
    ]);
    const { bytes } = await callUnary(client, `${SERVICE}/RepositoryModelLoad`, triton);
    expect(fromBinary(pb.RepositoryModelLoadResponseSchema, bytes)).toMatchObject({ modelName: "m", isLoaded: true });
    expect(backend.loaded.has("m")).toBe(true);
  });

  test("a method that does not exist is UNIMPLEMENTED", async () => {
    const { client } = await start();
    await expect(callUnary(client, `${SERVICE}/ModelStreamInfer`, inferBytes())).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
    });
  });
});

describe("ModelInfer", () => {
  test("answers in the request's form, under its id and model", async () => {
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
    const { client, backend } = await start(() => {
      throw new InferenceError("too busy – später", { code: "resource_exhausted", headers: { "retry-after": "3" } });
    });
    const failure = await infer(client).catch((error) => error);
    expect(failure).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: "too busy – später" });
    expect(failure.metadata.get("retry-after")).toEqual(["3"]);
    expect(backend.errors).toHaveLength(1);
  });

  test("any other error is INTERNAL, says nothing of its cause and names the request", async () => {
    const { client, backend } = await start(() => {
      throw new Error("secret 10.0.0.1");
    });
    const metadata = new Metadata();
    metadata.set("x-request-id", "abc");
    await expect(infer(client, inferBytes(), { metadata })).rejects.toMatchObject({
      code: status.INTERNAL,
      details: "internal error (request abc)",
    });
    expect(backend.errors[0]?.cause).toEqual(new Error("secret 10.0.0.1"));
  });

  test("an endless message with half a surrogate still carries its status", async () => {
    const { client } = await start(() => {
      throw new InferenceError(`\ud800${"ä".repeat(10_000)}`, { code: "invalid_argument" });
    });
    await expect(infer(client)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(/^\ufffdä+…$/),
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
      await once(call.signal, "abort");
      reason = call.signal.reason;
      throw reason;
    });
    await expect(infer(client, inferBytes(), { deadline: Date.now() + 200 })).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
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
});
