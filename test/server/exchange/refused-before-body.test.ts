import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createLogger } from "../../../src/observability/logger.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

class Echo extends Transformer {}

const CHUNK = Buffer.alloc(65_536, 0x20);
const MEBIBYTE = 1024 * 1024;
const BODY_BYTES = 16 * MEBIBYTE;

async function startGuarded(receiveTimeoutMs: number): Promise<ServerHandle> {
  const started = await serve(Echo, {
    host: "127.0.0.1",
    port: 0,
    modelName: "m",
    log: createLogger({ level: "silent" }),
    authentication: { apiKeys: ["key"], exemptHealth: false },
    receiveTimeoutMs,
  });
  await started.ready();
  return started;
}

let server: ServerHandle;
beforeAll(async () => {
  // Longer than any test: a busy machine takes seconds to send a body.
  server = await startGuarded(120_000);
});
afterAll(() => server.close());

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes outside of the heap that somebody holds; what is collected is given back a while later. */
function heldBytes(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

/** Comes back once no more than a part of a body is held beyond what was before. */
async function bodyDropped(before: number): Promise<void> {
  while (heldBytes() - before >= BODY_BYTES / 4) await delay(20);
}

async function write(stream: Socket | ClientHttp2Stream, bytes: Uint8Array | string): Promise<void> {
  await new Promise((resolve) => stream.write(bytes, resolve));
}

/** What a client reads until `end` is among it. */
async function readUntil(socket: Socket, end: string): Promise<string> {
  let text = "";
  while (!text.includes(end)) text += String((await once(socket, "data"))[0]);
  return text;
}

describe.each([
  ["V1", "/v1/models/m:predict"],
  ["V2", "/v2/models/m/infer"],
  ["generate", "/v2/models/m/generate"],
  ["OpenAI", "/openai/v1/chat/completions"],
])("%s over HTTP/1.1", (_front, path) => {
  const head = (field: string) => `POST ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: wrong\r\n${field}\r\n\r\n`;

  test.each([
    ["of known length", `content-length: ${BODY_BYTES}`, (bytes: Buffer) => [bytes], ""],
    ["in chunks", "transfer-encoding: chunked", (bytes: Buffer) => ["10000\r\n", bytes, "\r\n"], "0\r\n\r\n"],
  ])("a wrong key is refused before a body %s comes, which is dropped", async (_kind, field, frame, end) => {
    const socket = connect({ port: server.port, host: "127.0.0.1" });
    socket.write(head(field));
    expect(await readUntil(socket, "request_id")).toMatch(/^HTTP\/1\.1 401 /);
    const before = heldBytes();
    for (let sent = 0; sent < BODY_BYTES; sent += CHUNK.length) {
      for (const part of frame(CHUNK)) await write(socket, part);
    }
    await bodyDropped(before);
    // The connection carries the next request.
    await write(socket, `${end}GET /v2/models/m HTTP/1.1\r\nhost: x\r\nx-api-key: key\r\n\r\n`);
    expect(await readUntil(socket, "inputs")).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  test("a body that never ends is not dropped for ever", async () => {
    const hasty = await startGuarded(1000);
    const socket = connect({ port: hasty.port, host: "127.0.0.1" });
    const closed = once(
      socket.on("error", () => undefined),
      "close",
    );
    socket.write(head("transfer-encoding: chunked"));
    await readUntil(socket, "request_id");
    const drip = setInterval(() => socket.write("1\r\n \r\n"), 50);
    await closed;
    clearInterval(drip);
    await hasty.close();
  });
});

describe("gRPC", () => {
  let session: ClientHttp2Session;
  beforeEach(() => {
    session = connectHttp2(`http://127.0.0.1:${server.port}`);
  });
  afterEach(() => session.destroy());

  test.each([
    ["infer", "/inference.GRPCInferenceService/ModelInfer"],
    ["watch", "/grpc.health.v1.Health/Watch"],
    ["reflection", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"],
  ])("a wrong key to %s is refused before a message comes, which is dropped", async (_method, path) => {
    const call = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      "x-api-key": "wrong",
    });
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(BODY_BYTES, 1);
    call.on("error", () => undefined).write(prefix);
    const [answered] = await once(call, "response");
    expect(answered).toMatchObject({ "grpc-status": "16", "grpc-message": "the%20credentials%20are%20not%20accepted" });
    const before = heldBytes();
    for (let sent = 0; sent < BODY_BYTES && !call.closed; sent += CHUNK.length) await write(call, CHUNK);
    await bodyDropped(before);
  });
});
