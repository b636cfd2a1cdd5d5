import { Buffer } from "node:buffer";
import { create, toBinary } from "@bufbuild/protobuf";
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import { createLogger } from "../../../src/observability/logger.ts";
import { createEchoPredictor } from "../../../src/predictor/embedded/echo-predictor.ts";
import { ModelReadyRequestSchema } from "../../../src/protocol/grpc/gen/inference_pb.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";
import { callUnary, connect } from "../grpc/grpc-fixtures.ts";

class Echo extends Transformer {}

const NAME = "payroll";
const MISSPELT = "payrol";

const PATHS = [
  "",
  "/",
  "/v1",
  "/v1/models",
  "/v2",
  "/v2/models",
  "/v2/models/stats",
  "/v2/repository/index",
  "/openapi.json",
  "/metrics",
  "/docs",
  "/playground",
  "/playground/models",
  "/openai/v1/models",
  "/v2/health/live",
  "/v2/health/ready",
  "/predict",
  "/invocations",
  ...[
    `/v1/models/${MISSPELT}`,
    `/v1/models/${MISSPELT}/`,
    `/v1/models/${MISSPELT}/versions/1`,
    `/v1/models/${MISSPELT}:predict`,
    `/v1/models/${MISSPELT}:predct`,
    `/v1/models/${MISSPELT}/predict`,
    `/models/${MISSPELT}`,
    `/v2/models/${MISSPELT}`,
    `/v2/models/${MISSPELT}/ready`,
    `/v2/models/${MISSPELT}/redy`,
    `/v2/models/${MISSPELT}/versions/1/ready`,
    `/v2/models/${MISSPELT}/infer`,
    `/v2/models/${MISSPELT}/explain`,
    `/v2/models/${MISSPELT}/config`,
    `/v2/models/${MISSPELT}/stats`,
    `/v2/models/${MISSPELT}/generate`,
    `/v2/models/${MISSPELT}/generate_stream`,
    `/v2/repository/models/${MISSPELT}/load`,
    `/openai/v1/models/${MISSPELT}`,
    "/openai/v1/completions",
    "/openai/v1/chat/completions",
    "/openai/v1/embeddings",
    "/openai/v1/rerank",
  ],
];

describe.each([true, false])("a caller without a key, health exempt: %s", (exemptHealth) => {
  let server: ServerHandle;
  beforeAll(async () => {
    server = await serve(Echo, {
      host: "127.0.0.1",
      port: 0,
      modelName: NAME,
      log: createLogger({ level: "silent" }),
      predictor: createEchoPredictor(),
      authentication: { apiKeys: ["key"], exemptHealth },
      modelControl: true,
    });
    await server.ready();
  });
  afterAll(() => server.close());

  test.each(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])("%s of no path names a model", async (method) => {
    for (const path of PATHS) {
      const body = method === "POST" || method === "PUT" ? { body: JSON.stringify({ model: MISSPELT }) } : {};
      const answered = await fetch(server.url + path, { method, redirect: "manual", ...body });
      const said = `${JSON.stringify([...answered.headers])} ${await answered.text()}`;
      expect(`${method} ${path}: ${said}`).not.toContain(NAME);
    }
  });

  test("nor does gRPC", async () => {
    const client = connect(server.port);
    const message = Buffer.from(toBinary(ModelReadyRequestSchema, create(ModelReadyRequestSchema, { name: MISSPELT })));
    const methods = ["ModelReady", "ModelMetadata", "ModelConfig", "ModelStatistics", "ModelInfer", "RepositoryIndex"];
    for (const method of [...methods, "RepositoryModelLoad"]) {
      const path = `/inference.GRPCInferenceService/${method}`;
      const failed = await callUnary(client, path, message).catch((thrown: ServiceError) => thrown);
      expect(failed).toMatchObject({ details: expect.not.stringContaining(NAME) });
    }
    client.close();
  });

  test("with a key, the near name is told", async () => {
    const headers = { "x-api-key": "key" };
    for (const [method, path] of [
      ["GET", `/v1/models/${MISSPELT}`],
      ["GET", `/v2/models/${MISSPELT}/ready`],
      ["POST", `/v1/models/${MISSPELT}`],
    ] as const) {
      expect(await (await fetch(server.url + path, { method, headers })).text()).toContain(NAME);
    }
    const metadata = new Metadata();
    metadata.set("x-api-key", "key");
    const client = connect(server.port);
    const message = Buffer.from(toBinary(ModelReadyRequestSchema, create(ModelReadyRequestSchema, { name: MISSPELT })));
    await expect(
      callUnary(client, "/inference.GRPCInferenceService/ModelReady", message, { metadata }),
    ).rejects.toMatchObject({ details: expect.stringContaining(NAME) });
    client.close();
  });
});
