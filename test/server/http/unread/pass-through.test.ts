import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createLogger } from "../../../../src/observability/logger.ts";
import { createHttpPredictor } from "../../../../src/predictor/http/http-predictor.ts";
import type { HttpPredictorOptions } from "../../../../src/predictor/http/options.ts";
import { serve } from "../../../../src/server/serve.ts";
import type { ServeOptions } from "../../../../src/server/serve-options.ts";
import { Transformer } from "../../../../src/transformer/transformer.ts";

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Take = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** A predictor by hand behind a server without hooks. */
async function start(
  take: Take,
  options: Partial<HttpPredictorOptions> = {},
  serveOptions: ServeOptions = {},
): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.on("error", () => undefined);
    if (incoming.method !== "GET") return take(incoming, outgoing);
    outgoing.end(JSON.stringify({ name: "p", extensions: ["binary_tensor_data"], inputs: [], outputs: [] }));
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const predictor = createHttpPredictor({
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    modelName: "m",
    ...options,
  });
  const handle = await serve(class extends Transformer {}, {
    modelName: "m",
    predictor,
    host: "127.0.0.1",
    port: 0,
    log: createLogger({ level: "silent" }),
    ...serveOptions,
  });
  closing.push(() => handle.close());
  await handle.ready();
  return handle.url;
}

const V1 = "/v1/models/m:predict";
const V2 = "/v2/models/m/infer";

/** A request whose body the test writes piece by piece. */
function open(url: string, length: number, headers: IncomingHttpHeaders = {}) {
  const outgoing = request(url, {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": String(length), ...headers },
  });
  outgoing.on("error", () => undefined);
  const response = once(outgoing, "response").then(async ([incoming]: IncomingMessage[]) => {
    let text = "";
    for await (const chunk of incoming ?? []) text += chunk;
    return { status: incoming?.statusCode, text };
  });
  return { outgoing, response };
}

async function collect(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    // The other side is gone, and so is the response.
  }
  return Buffer.concat(chunks);
}

const BODY = Buffer.from(`{"instances": ["${"0123456789".repeat(200_000)}"]}`);

describe("a large body that nobody reads", () => {
  test("is handed on while it comes, byte for byte, with its length", async () => {
    let firstByte = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      firstByte = resolve;
    });
    let received: { bytes: Buffer; length: string | undefined } | undefined;
    const url = await start(async (incoming, outgoing) => {
      incoming.once("data", firstByte);
      received = { bytes: await collect(incoming), length: incoming.headers["content-length"] };
      outgoing.end('{"predictions": [1]}');
    });
    const { outgoing, response } = open(url + V1, BODY.length);
    outgoing.write(BODY.subarray(0, 300_000));
    await begun;
    outgoing.end(BODY.subarray(300_000));
    expect(await response).toEqual({ status: 200, text: '{"predictions": [1]}' });
    expect(received?.length).toBe(String(BODY.length));
    expect(received?.bytes.equals(BODY)).toBe(true);
  });

  test("waits for a predictor that does not read: memory is bounded by the window", async () => {
    let release = (): void => undefined;
    const url = await start(
      (incoming, outgoing) => {
        release = () => void collect(incoming).then(({ length }) => outgoing.end(String(length)));
      },
      {},
      { limits: { maxBodyBytes: 128 * 1024 * 1024 } },
    );
    const length = 100 * 1024 * 1024;
    const before = process.memoryUsage().arrayBuffers;
    const { outgoing, response } = open(url + V1, length);
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    let written = 0;
    const write = async (until: number): Promise<void> => {
      while (written < until) {
        written += chunk.length;
        if (!outgoing.write(chunk)) await once(outgoing, "drain");
      }
    };
    const writing = write(length);
    await new Promise((resolve) => setTimeout(resolve, 500));
    // What the kernel holds on both ways, and the window.
    expect(written).toBeLessThan(40 * 1024 * 1024);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    release();
    await writing;
    outgoing.end();
    expect(await response).toEqual({ status: 200, text: String(length) });
  });

  test("ends at the predictor when the client leaves", async () => {
    let gone = (): void => undefined;
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const url = await start((incoming) => {
      incoming.resume();
      incoming.on("close", gone);
    });
    const { outgoing, response } = open(url + V1, BODY.length);
    outgoing.write(BODY.subarray(0, 500_000), () => setTimeout(() => outgoing.destroy(), 50));
    await expect(response).rejects.toThrow("hang up");
    await left;
  });

  test("gets the predictor's early refusal", async () => {
    const url = await start((_incoming, outgoing) => {
      outgoing.writeHead(413, { connection: "close" });
      outgoing.end("too much for me");
    });
    const { outgoing, response } = open(url + V1, BODY.length);
    outgoing.end(BODY);
    expect(await response).toEqual({ status: 413, text: "too much for me" });
  });

  test("may come slower than the predictor's time", async () => {
    const url = await start(async (incoming, outgoing) => outgoing.end(String((await collect(incoming)).length)), {
      requestTimeoutMs: 400,
    });
    const { outgoing, response } = open(url + V1, BODY.length);
    for (let i = 0; i < 4; i++) {
      outgoing.write(BODY.subarray(i * 300_000, (i + 1) * 300_000));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    outgoing.end(BODY.subarray(1_200_000));
    expect(await response).toEqual({ status: 200, text: String(BODY.length) });
  });

  test("is sent again over a fresh connection where a kept one is closed", async () => {
    const seen = new Map<Socket, number>();
    const url = await start(async (incoming, outgoing) => {
      const requests = (seen.get(incoming.socket) ?? 0) + 1;
      seen.set(incoming.socket, requests);
      if (requests === 2) incoming.socket.resetAndDestroy();
      else outgoing.end(String((await collect(incoming)).length));
    });
    const half = BODY.subarray(0, 900_000);
    for (let i = 0; i < 2; i++) {
      const { outgoing, response } = open(url + V1, half.length);
      outgoing.end(half);
      expect(await response).toEqual({ status: 200, text: "900000" });
    }
    expect([...seen.values()]).toEqual([2, 1]);
  });

  test("is not sent again once its first bytes are gone: the client hears of it", async () => {
    const seen = new Map<Socket, number>();
    const url = await start(async (incoming, outgoing) => {
      const requests = (seen.get(incoming.socket) ?? 0) + 1;
      seen.set(incoming.socket, requests);
      const bytes = requests === 2 ? 0 : (await collect(incoming)).length;
      if (requests === 1) return void outgoing.end(String(bytes));
      let read = 0;
      incoming.on("data", (chunk: Buffer) => {
        read += chunk.length;
        if (read > 1_500_000) incoming.socket.resetAndDestroy();
      });
    });
    const first = open(url + V1, BODY.length);
    first.outgoing.end(BODY);
    expect(await first.response).toEqual({ status: 200, text: String(BODY.length) });
    const second = open(url + V1, BODY.length);
    second.outgoing.end(BODY);
    expect(await second.response).toMatchObject({ status: 503 });
    expect([...seen.values()]).toEqual([2]);
  });
});

describe("a large V2 body that nobody reads is checked as it comes", () => {
  const tensor = (extra: object, shape = [500_000]) => ({
    inputs: [{ name: "x", datatype: "FP32", shape, ...extra }],
  });
  const take: Take = async (incoming, outgoing) => outgoing.end(String((await collect(incoming)).length));

  function openBinary(url: string, shape: number[]) {
    const json = JSON.stringify(tensor({ parameters: { binary_data_size: 2_000_000 } }, shape));
    const body = Buffer.concat([Buffer.from(json), Buffer.alloc(2_000_000)]);
    const headers = { "content-type": "application/octet-stream", "inference-header-content-length": `${json.length}` };
    return { body, ...open(url + V2, body.length, headers) };
  }

  test("the JSON before binary tensors adds up before the predictor hears of it", async () => {
    let asked = 0;
    const url = await start(
      (incoming, outgoing) => {
        asked += 1;
        take(incoming, outgoing);
      },
      { protocol: "v2" },
    );
    // The first one finds out that the predictor reads binary, and is read for that.
    const lengths = ["2000143", "2000102"];
    for (const length of lengths) {
      const right = openBinary(url, [500_000]);
      // The header comes in two pieces.
      right.outgoing.write(right.body.subarray(0, 20));
      await new Promise((resolve) => setTimeout(resolve, 20));
      right.outgoing.end(right.body.subarray(20));
      expect(await right.response).toEqual({ status: 200, text: length });
    }
    const wrong = openBinary(url, [400_000]);
    wrong.outgoing.end(wrong.body);
    expect(await wrong.response).toEqual({
      status: 400,
      text: expect.stringContaining("FP32 of shape [400000] takes 1600000 bytes, got binary_data_size 2000000"),
    });
    expect(asked).toBe(2);
  });

  test("shared memory is refused, wherever chunks end; text that speaks of it passes", async () => {
    const url = await start(take, { protocol: "v2" });
    const data = Array.from({ length: 100_000 }, () => "a shared_memory_region");
    const spoken = JSON.stringify({ inputs: [{ name: "x", datatype: "BYTES", shape: [data.length], data }] });
    const passes = open(url + V2, spoken.length);
    passes.outgoing.end(spoken);
    expect(await passes.response).toEqual({ status: 200, text: String(spoken.length) });
    const meant = spoken.replace(/}]}$/, ',"parameters":{"shared_memory_region":"r"}}]}');
    for (const cut of [12, 25]) {
      const { outgoing, response } = open(url + V2, meant.length);
      outgoing.write(meant.slice(0, -cut));
      await new Promise((resolve) => setTimeout(resolve, 30));
      outgoing.end(meant.slice(-cut));
      expect(await response).toMatchObject({ status: 400, text: expect.stringContaining("shared memory") });
    }
  });
});
