import { once } from "node:events";
import { connect } from "node:net";
import { createTensor, type InferRequest, Transformer } from "kserve-transformer";
import { testTransformer } from "kserve-transformer/testing";
import { createLogger } from "../../src/observability/logger.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import type { AppOptions } from "../../src/server/serve-options.ts";

const SIDE = 1500;
const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i * 7919) >>> 5);
const rows = Array.from({ length: SIDE }, (_, row) => [...pixels.subarray(row * SIDE, (row + 1) * SIDE)]);
const text = JSON.stringify({ predictions: [rows] });

/** Its mask is longer than what two sockets hold. */
class Masks extends Transformer {
  override predict(request: InferRequest) {
    return request.reply({ outputs: [createTensor("mask", "UINT8", [1, SIDE, SIDE], pixels)] });
  }
}

const closing: ServerHandle[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close();
});

async function start(options: AppOptions = {}): Promise<URL> {
  const log = createLogger({ level: "silent" });
  const handle = await serve({ m: { transformer: Masks } }, { port: 0, host: "127.0.0.1", log, ...options });
  closing.push(handle);
  return new URL(`${handle.url}/v1/models/m:predict`);
}

const request = { method: "POST", body: '{"instances":[1]}' } as const;

test("a long response has its length, and every byte", async () => {
  const response = await fetch(await start(), request);
  expect(response.headers.get("content-length")).toBe(String(text.length));
  expect((await response.text()) === text).toBe(true);
});

test("it is compressed for those who accept that", async () => {
  const url = await start({ compressResponses: true });
  const response = await fetch(url, { ...request, headers: { "accept-encoding": "gzip" } });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect((await response.text()) === text).toBe(true);
  const plain = await fetch(url, { ...request, headers: { "accept-encoding": "identity" } });
  expect((await plain.text()) === text).toBe(true);
});

test("a client that reads late, and has asked for more meanwhile, gets both responses whole", async () => {
  const { port } = await start();
  const socket = connect(Number(port), "127.0.0.1");
  const head = "POST /v1/models/m:predict HTTP/1.1\r\nhost: m\r\ncontent-length: 17\r\n";
  socket.write(`${head}\r\n${request.body}${head}connection: close\r\n\r\n${request.body}`);
  await once(socket, "readable");
  // The server is at its socket's end by then, or is not: both must do.
  await new Promise((resolve) => setTimeout(resolve, 200));
  let received = "";
  socket.setEncoding("latin1").on("data", (chunk) => {
    received += chunk;
  });
  await once(socket, "end");
  const bodies = received.split(/HTTP\/1\.1 200 OK\r\n[^{]*/).slice(1);
  expect(bodies.map((body) => body === text)).toEqual([true, true]);
});

test("a client that leaves in the middle harms nobody", async () => {
  const url = await start();
  const leave = new AbortController();
  const { body } = await fetch(url, { ...request, signal: leave.signal });
  await body?.getReader().read();
  leave.abort();
  expect((await (await fetch(url, request)).text()) === text).toBe(true);
});

test("listeners are told its length, and may read it", async () => {
  const seen: unknown[] = [];
  const url = await start({
    listeners: [
      {
        payload: (_exchange, _request, response) =>
          void seen.push(Buffer.concat(response?.body ?? []).toString() === text),
        requestEnded: (_exchange, { responseBytes }) => void seen.push(responseBytes),
      },
    ],
  });
  await (await fetch(url, request)).arrayBuffer();
  expect(seen).toEqual([true, text.length]);
});

test("a test in memory gets it as well", async () => {
  const response = await testTransformer(Masks).predict({ instances: [1] });
  expect(Buffer.from(response.body).toString() === text).toBe(true);
});
