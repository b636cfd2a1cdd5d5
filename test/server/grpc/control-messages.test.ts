import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type Client, status } from "@grpc/grpc-js";
import { callUnary, connect, createEchoServer, type RunningGrpc, runGrpc, SERVICE } from "./grpc-fixtures.ts";

/** Unknown fields, of two bytes each: as objects they would take a hundred times as much. */
const FIELDS = Buffer.alloc(64 * 1024 + 2, Buffer.from([0x78, 1]));
const identity = (bytes: Buffer): Buffer => bytes;

let server: RunningGrpc;
let client: Client;

beforeAll(async () => {
  server = await runGrpc(createEchoServer().server);
  client = connect(server.port);
});
afterAll(async () => {
  client.close();
  await server.close(0);
});

test.each([
  `${SERVICE}/ModelReady`,
  `${SERVICE}/ModelMetadata`,
  `${SERVICE}/ModelConfig`,
  `${SERVICE}/ModelStatistics`,
  `${SERVICE}/RepositoryIndex`,
  `${SERVICE}/RepositoryModelLoad`,
  `${SERVICE}/RepositoryModelUnload`,
  "/grpc.health.v1.Health/Check",
])("%s reads no message of more than 64 KiB", async (path) => {
  await expect(callUnary(client, path, FIELDS)).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringMatching(/of at most 65536 bytes, got 65538$/),
  });
});

test("nor does a watch of health", async () => {
  const watch = client.makeServerStreamRequest("/grpc.health.v1.Health/Watch", identity, identity, FIELDS);
  await expect(once(watch, "data")).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
});

test("nor reflection", async () => {
  const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  const call = client.makeBidiStreamRequest(path, identity, identity);
  call.write(FIELDS);
  const [answer] = await once(call, "data");
  expect(answer.toString()).toContain("expected a ServerReflectionRequest");
  call.cancel();
  await once(
    call.on("data", () => undefined),
    "error",
  );
});

test("one of a few unknown fields is read", async () => {
  const name = Buffer.from([0x0a, 1, "m".charCodeAt(0)]);
  const message = Buffer.concat([name, FIELDS.subarray(0, 1000)]);
  await expect(callUnary(client, `${SERVICE}/ModelReady`, message)).resolves.toBeDefined();
});
