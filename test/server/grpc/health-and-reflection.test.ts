import { Buffer } from "node:buffer";
import { once } from "node:events";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Client, status } from "@grpc/grpc-js";
import { HealthCheckRequestSchema, HealthCheckResponseSchema } from "../../../src/protocol/grpc/gen/health_pb.ts";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../../../src/protocol/grpc/gen/reflection_pb.ts";
import type { AppOptions } from "../../../src/server/serve-options.ts";
import { callUnary, connect, createEchoServer, type EchoServer, type RunningGrpc, runGrpc } from "./grpc-fixtures.ts";

let server: RunningGrpc | undefined;
let client: Client | undefined;

afterEach(async () => {
  client?.close();
  await server?.close(0);
});

async function start(options: AppOptions = {}): Promise<{ client: Client; echo: EchoServer }> {
  const echo = createEchoServer(undefined, options);
  server = await runGrpc(echo.server);
  client = connect(server.port);
  return { client, echo };
}

describe("health", () => {
  const path = "/grpc.health.v1.Health";
  const request = (service: string) =>
    toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service }));

  test("checks the server and the inference service; others are NOT_FOUND", async () => {
    const { client, echo } = await start();
    const check = async (service: string) =>
      fromBinary(HealthCheckResponseSchema, (await callUnary(client, `${path}/Check`, request(service))).bytes).status;
    expect(await check("")).toBe(1);
    expect(await check("inference.GRPCInferenceService")).toBe(1);
    echo.isReady = false;
    expect(await check("")).toBe(2);
    await expect(check("nope")).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: "there is no service 'nope'",
    });
  });

  test.each([
    [true, 0],
    [false, status.UNAUTHENTICATED],
  ])("needs no credentials when health is exempt: %s", async (exemptHealth, code) => {
    const { client } = await start({ authentication: { apiKeys: ["k"], exemptHealth } });
    const failed = await callUnary(client, `${path}/Check`, request("")).catch((thrown) => thrown);
    expect(failed.code ?? 0).toBe(code);
    const identity = (bytes: Buffer): Buffer => bytes;
    const watch = client.makeServerStreamRequest(`${path}/Watch`, identity, identity, Buffer.from(request("")));
    const [first] = await once(watch, "data").catch((thrown) => [thrown]);
    expect((first as { code?: number }).code ?? 0).toBe(code);
    watch.on("error", () => undefined).cancel();
  });

  test("watch says the status, and not serving when the server ends", async () => {
    const { client } = await start();
    const identity = (bytes: Buffer): Buffer => bytes;
    const watch = client.makeServerStreamRequest(`${path}/Watch`, identity, identity, Buffer.from(request("")));
    const statuses: number[] = [];
    watch.on("data", (bytes: Buffer) => statuses.push(fromBinary(HealthCheckResponseSchema, bytes).status));
    const ended = once(watch, "end");
    await once(watch, "data");
    await Promise.all([server?.close(5000), ended]);
    expect(statuses).toEqual([1, 2]);
  });
});

describe("reflection", () => {
  async function ask(to: Client, version: string, messageRequest: ServerReflectionRequest["messageRequest"]) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const identity = (bytes: Buffer): Buffer => bytes;
    const call = to.makeBidiStreamRequest(path, identity, identity);
    call.write(
      Buffer.from(
        toBinary(ServerReflectionRequestSchema, create(ServerReflectionRequestSchema, { host: "h", messageRequest })),
      ),
    );
    const [bytes] = await once(call, "data");
    call.end();
    await once(call.resume(), "end");
    return fromBinary(ServerReflectionResponseSchema, bytes);
  }

  test("needs the credentials that metadata needs", async () => {
    const { client, echo } = await start({ authentication: { apiKeys: ["k"] } });
    const identity = (bytes: Buffer): Buffer => bytes;
    const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    const call = client.makeBidiStreamRequest(path, identity, identity);
    call.write(Buffer.alloc(0));
    call.on("data", () => expect("a response").toBe("none"));
    const [error] = await once(call, "error");
    expect(error).toMatchObject({ code: status.UNAUTHENTICATED, details: "credentials are required" });
    expect(echo.errors).toHaveLength(1);
  });

  test.each(["v1", "v1alpha"])("%s lists the services and gives their files", async (version) => {
    const { client } = await start();
    const listed = await ask(client, version, { case: "listServices", value: "*" });
    expect(listed.validHost).toBe("h");
    expect(listed.messageResponse).toMatchObject({
      case: "listServicesResponse",
      value: {
        service: [
          { name: "inference.GRPCInferenceService" },
          { name: "grpc.health.v1.Health" },
          { name: "grpc.reflection.v1.ServerReflection" },
        ],
      },
    });
    for (const value of [
      "inference.GRPCInferenceService",
      "inference.ModelInferRequest.InferInputTensor",
      "inference.ModelConfig",
      "inference.ModelStatistics",
    ]) {
      const { messageResponse } = await ask(client, version, { case: "fileContainingSymbol", value });
      expect(messageResponse.case).toBe("fileDescriptorResponse");
    }
    const missing = await ask(client, version, { case: "fileContainingSymbol", value: "no.such" });
    expect(missing.messageResponse).toMatchObject({ case: "errorResponse", value: { errorCode: status.NOT_FOUND } });
  });
});
