import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGrpcLoadClient } from "../../../src/cli/bench/grpc/grpc-load-client.ts";
import { toMessage } from "../../../src/cli/infer/to-message.ts";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createServerTiming } from "../../../src/observability/server-timing.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";
import { buildCommand, runCommand } from "../command-process.ts";

class Echo extends Transformer {
  override readonly inputs = [{ name: "x", datatype: "INT32", shape: [-1, 2] }] as const;
  override readonly outputs = this.inputs;
  override predict(request: InferRequest) {
    return request.reply({ outputs: request.inputs });
  }
}

let server: ServerHandle;
let cwd: string;
beforeAll(async () => {
  buildCommand();
  cwd = mkdtempSync(join(tmpdir(), "bench-grpc-"));
  const options = { host: "127.0.0.1", port: 0, modelName: "echo", listeners: [createServerTiming()] };
  server = await serve(Echo, { ...options, log: createLogger({ level: "silent" }) });
  await server.ready();
  // The first call of all loads what gRPC needs.
  await send(server.url, 30_000);
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(cwd, { recursive: true });
});

const SHORT = ["--warm_up_seconds", "0", "--duration_seconds", "0.3", "--json", "-"];
const bench = async (...argv: string[]) => {
  const { code, stdout, stderr } = await runCommand(["bench", server.url, ...argv, ...SHORT], { cwd });
  return { code, stderr, level: JSON.parse(stdout).levels[0] };
};

test.each(["v1", "v2", "v2-binary", "grpc"] as const)("made-up inputs succeed over %s", async (protocol) => {
  const { code, stderr, level } = await bench("--protocol", protocol, "--concurrency", "3");
  expect([code, stderr, level.failures]).toEqual([0, "", {}]);
  expect(level).toMatchObject({ concurrency: 3, failed: 0 });
  expect(level.requests).toBeGreaterThan(0);
  expect(level.server_timing_ms.predict.p50).toBeGreaterThan(0);
});

test("rows are named and typed by the metadata", async () => {
  const { level } = await bench("[1, 2]", "[3, 4]", "--protocol", "v2-binary");
  expect(level).toMatchObject({ failed: 0, failures: {} });
  const { stderr } = await runCommand(["bench", server.url, "[1.5, 2]", "--protocol", "grpc", ...SHORT], { cwd });
  expect(stderr).toContain("instances[0][0]: expected a whole number");
});

test("a call's error is counted by its status", async () => {
  const { code, level } = await bench("[1, 2]", "--protocol", "grpc", "--model_name", "other");
  expect(code).toBe(1);
  expect(level.failures["grpc NOT_FOUND"].message).toBe(
    "model 'other' does not exist: GET /v1/models names those that do",
  );
});

test("an InferenceService behind HTTP/1.1 alone is no gRPC server", async () => {
  const sockets = new Set<Socket>();
  const plain = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.on("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"));
  });
  await new Promise<void>((resolve) => void plain.listen(0, "127.0.0.1", resolve));
  const { port } = plain.address() as { port: number };
  expect(await send(`http://127.0.0.1:${port}`)).toMatchObject({ failure: { kind: "reset" } });
  for (const socket of sockets) socket.destroy();
  plain.close();
});

test("nobody there is refused, a silent server a timeout", async () => {
  expect(await send("http://127.0.0.1:1")).toMatchObject({ failure: { kind: "refused" } });
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => void silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as { port: number };
  expect(await send(`http://127.0.0.1:${port}`)).toEqual({
    failure: { kind: "timeout", message: "no response within 0.2 s" },
  });
  silent.close();
});

test("a path has no place in gRPC", () => {
  const options = { headers: {}, messages: [], timeoutMs: 200 };
  expect(() => createGrpcLoadClient({ url: "http://x/base", ...options })).toThrow("gRPC takes no path");
});

async function send(url: string, timeoutMs = 200) {
  const messages = [toMessage({ rows: ["[1, 2]"] }, { protocol: "grpc", model: "echo" })];
  const client = createGrpcLoadClient({ url, headers: {}, messages, timeoutMs });
  const outcome = await client.open().send(0);
  client.close();
  return outcome;
}
