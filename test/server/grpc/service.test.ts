import { Buffer } from "node:buffer";
import { fromBinary } from "@bufbuild/protobuf";
import { type Client, Metadata, status } from "@grpc/grpc-js";
import * as pb from "../../../src/protocol/grpc/gen/inference_pb.ts";
import { DataType } from "../../../src/protocol/grpc/gen/model_config_pb.ts";
import {
  ModelStatisticsRequestSchema,
  ModelStatisticsResponseSchema,
} from "../../../src/protocol/grpc/gen/model_statistics_pb.ts";
import type { ModelServer } from "../../../src/server/model-server.ts";
import { SERVER_METADATA } from "../../../src/server/server-metadata.ts";
import {
  callMethod,
  callUnary,
  connect,
  createEchoServer,
  type EchoServer,
  type RunningGrpc,
  runGrpc,
  SERVICE,
} from "./grpc-fixtures.ts";

const MODEL_CONTROL = { modelControl: true, authentication: { apiKeys: ["k"] } };
const WITH_KEY = { metadata: new Metadata() };
WITH_KEY.metadata.set("x-api-key", "k");
const pairs = {
  modelReady: [pb.ModelReadyRequestSchema, pb.ModelReadyResponseSchema],
  modelMetadata: [pb.ModelMetadataRequestSchema, pb.ModelMetadataResponseSchema],
  modelConfig: [pb.ModelConfigRequestSchema, pb.ModelConfigResponseSchema],
  statistics: [ModelStatisticsRequestSchema, ModelStatisticsResponseSchema],
  infer: [pb.ModelInferRequestSchema, pb.ModelInferResponseSchema],
  load: [pb.RepositoryModelLoadRequestSchema, pb.RepositoryModelLoadResponseSchema],
  unload: [pb.RepositoryModelUnloadRequestSchema, pb.RepositoryModelUnloadResponseSchema],
} as const;

let server: RunningGrpc | undefined;
let client: Client | undefined;

afterEach(async () => {
  client?.close();
  await server?.close(0);
});

async function start(): Promise<{ client: Client; echo: EchoServer }> {
  const echo = createEchoServer();
  return { client: await run(echo.server), echo };
}

async function run(models: ModelServer): Promise<Client> {
  server = await runGrpc(models);
  client = connect(server.port);
  return client;
}

test("server live, ready and metadata", async () => {
  const { client, echo } = await start();
  const empty = Buffer.alloc(0);
  expect((await callUnary(client, `${SERVICE}/ServerLive`, empty)).bytes).toEqual(Buffer.from([8, 1]));
  expect((await callUnary(client, `${SERVICE}/ServerReady`, empty)).bytes).toEqual(Buffer.from([8, 1]));
  echo.isReady = false;
  expect((await callUnary(client, `${SERVICE}/ServerReady`, empty)).bytes).toEqual(empty);
  const { bytes } = await callUnary(client, `${SERVICE}/ServerMetadata`, empty);
  expect(fromBinary(pb.ServerMetadataResponseSchema, bytes)).toMatchObject(SERVER_METADATA);
});

test("model ready and metadata", async () => {
  const { client, echo } = await start();
  const ready = () => callMethod(client, "ModelReady", pairs.modelReady, { name: "m" });
  expect(await ready()).toMatchObject({ ready: true });
  echo.isReady = false;
  expect(await ready()).toMatchObject({ ready: false });
  const metadata = await callMethod(client, "ModelMetadata", pairs.modelMetadata, { name: "m", version: "3" });
  expect(metadata).toMatchObject({
    name: "m",
    inputs: [{ name: "x", datatype: "FP32", shape: [-1n, 4n] }],
    outputs: [{ name: "y", datatype: "BYTES", shape: [-1n] }],
  });
});

test("the configuration has the metadata's tensors in Triton's words", async () => {
  const { client } = await start();
  const { config } = await callMethod(client, "ModelConfig", pairs.modelConfig, { name: "m", version: "3" });
  expect(config).toMatchObject({
    name: "m",
    platform: "kserve-transformer",
    maxBatchSize: 0,
    input: [{ name: "x", dataType: DataType.TYPE_FP32, dims: [-1n, 4n] }],
    output: [{ name: "y", dataType: DataType.TYPE_STRING, dims: [-1n] }],
    responseCache: { enable: false },
  });
});

test("the statistics count calls of gRPC, of the model that is asked for or of all", async () => {
  const { client } = await start();
  const x = { name: "x", datatype: "FP32", shape: [1n, 4n], contents: { fp32Contents: [1, 2, 3, 4] } };
  await callMethod(client, "ModelInfer", pairs.infer, { modelName: "m", inputs: [x] });
  await expect(callMethod(client, "ModelInfer", pairs.infer, { modelName: "m", inputs: [x, x] })).rejects.toThrow();
  const once = { count: 1n, ns: expect.any(BigInt) };
  const compute = { computeInput: { count: 1n, ns: 0n }, computeInfer: once, computeOutput: { count: 1n, ns: 0n } };
  const expected = {
    name: "m",
    lastInference: expect.any(BigInt),
    inferenceCount: 1n,
    executionCount: 1n,
    inferenceStats: { success: once, queue: { count: 1n, ns: 0n }, ...compute, cacheHit: { count: 0n, ns: 0n } },
    batchStats: [{ batchSize: 1n, ...compute }],
  };
  const all = await callMethod(client, "ModelStatistics", pairs.statistics, {});
  expect(all).toMatchObject({ modelStats: [{ ...expected, version: "1" }] });
  expect(all.modelStats[0]?.inferenceStats?.computeInfer?.ns).toBeGreaterThan(0n);
  const one = await callMethod(client, "ModelStatistics", pairs.statistics, { name: "m", version: "3" });
  expect(one).toMatchObject({ modelStats: [{ ...expected, version: "3" }] });
});

test("an unknown model is NOT_FOUND everywhere", async () => {
  const client = await run(createEchoServer(undefined, MODEL_CONTROL).server);
  const expected = expect.objectContaining({
    code: status.NOT_FOUND,
    details: "model 'nope' does not exist: GET /v1/models names those that do",
  });
  await expect(callMethod(client, "ModelReady", pairs.modelReady, { name: "nope" })).rejects.toEqual(expected);
  const metadata = callMethod(client, "ModelMetadata", pairs.modelMetadata, { name: "nope" }, WITH_KEY);
  await expect(metadata).rejects.toEqual(expected);
  const config = (options = {}) => callMethod(client, "ModelConfig", pairs.modelConfig, { name: "nope" }, options);
  const statistics = (options = {}) =>
    callMethod(client, "ModelStatistics", pairs.statistics, { name: "nope" }, options);
  for (const ask of [config, statistics]) {
    await expect(ask(WITH_KEY)).rejects.toEqual(expected);
    await expect(ask()).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  }
  const load = callMethod(client, "RepositoryModelLoad", pairs.load, { modelName: "nope" }, WITH_KEY);
  await expect(load).rejects.toEqual(expected);
  const infer = pairs.infer;
  await expect(callMethod(client, "ModelInfer", infer, { modelName: "nope" }, WITH_KEY)).rejects.toEqual(expected);
});

test("the repository index lists all models, or those that are ready", async () => {
  const { server: models } = createEchoServer(undefined, MODEL_CONTROL);
  const client = await run(models);
  const pair = [pb.RepositoryIndexRequestSchema, pb.RepositoryIndexResponseSchema] as const;
  const names = async (ready: boolean) =>
    (await callMethod(client, "RepositoryIndex", pair, { ready }, WITH_KEY)).models.map(
      ({ name, state }) => `${name} ${state}`,
    );
  expect(await names(true)).toEqual(["m READY"]);
  await callMethod(client, "RepositoryModelUnload", pairs.unload, { modelName: "m" }, WITH_KEY);
  expect(await names(false)).toEqual(["m UNAVAILABLE"]);
  expect(await names(true)).toEqual([]);
});

test("load and unload take KServe's message and Triton's", async () => {
  const { server: models } = createEchoServer(undefined, MODEL_CONTROL);
  const client = await run(models);
  const unloaded = await callMethod(client, "RepositoryModelUnload", pairs.unload, { modelName: "m" }, WITH_KEY);
  expect(unloaded).toMatchObject({ modelName: "m", isUnloaded: true });
  expect(models.registry.find("m").state).toBe("unloaded");
  const triton = Buffer.concat([Buffer.from([0x0a, 4]), Buffer.from("repo"), Buffer.from([0x12, 1]), Buffer.from("m")]);
  const { bytes } = await callUnary(client, `${SERVICE}/RepositoryModelLoad`, triton, WITH_KEY);
  expect(fromBinary(pb.RepositoryModelLoadResponseSchema, bytes)).toMatchObject({ modelName: "m", isLoaded: true });
  expect(models.registry.find("m").state).toBe("ready");
});

test("a method that does not exist is UNIMPLEMENTED", async () => {
  const { client } = await start();
  await expect(callUnary(client, `${SERVICE}/ModelStreamInfer`, Buffer.alloc(0))).rejects.toMatchObject({
    code: status.UNIMPLEMENTED,
  });
});
