import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { encodeFields, frame } from "../../../fuzz/http2-frames.ts";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import type { ServeOptions } from "../../../src/server/serve-options.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

class Echo extends Transformer {
  override async predict(request: InferRequest): Promise<InferResponse> {
    if (request.instances[0] === "slow") await delay(2000);
    const large = request.instances[0] === "large";
    return request.reply({ predictions: large ? ["x".repeat(16_000_000)] : request.instances });
  }
}

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const QUICK = { headersTimeoutMs: 300, receiveTimeoutMs: 600, keepAliveTimeoutMs: 300 };

async function start(options: ServeOptions = {}): Promise<ServerHandle> {
  const log = createLogger({ level: "silent" });
  const all = { modelName: "m", host: "127.0.0.1", port: 0, log, shutdownTimeoutMs: 500, ...options };
  const server = await serve(Echo, all);
  closers.push(() => server.close());
  await server.ready();
  return server;
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
const SETTINGS = frame(4, 0, 0);
const OPEN = Buffer.concat([PREFACE, SETTINGS]);
const END_HEADERS = 4;

function fields(path: string, contentType: string, more: [string, string][] = []): Buffer {
  const own: [string, string][] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "x"],
    ["content-type", contentType],
    ["te", "trailers"],
  ];
  return encodeFields([...own, ...more]);
}
const REST = fields("/v1/models/m:predict", "application/json");
const GRPC = fields("/inference.GRPCInferenceService/ModelInfer", "application/grpc");

function send(server: ServerHandle, ...writes: readonly Buffer[]): Socket {
  const socket = connectTcp({ port: server.port, host: "127.0.0.1", noDelay: true });
  closers.push(() => socket.destroy());
  socket.on("error", () => undefined);
  socket.write(Buffer.concat(writes));
  return socket;
}

async function closesWithin(socket: Socket, milliseconds: number): Promise<boolean> {
  if (socket.destroyed) return true;
  const closed = new AbortController();
  const late = delay(milliseconds, false, { signal: closed.signal }).catch(() => false);
  const result = await Promise.race([once(socket, "close").then(() => true), late]);
  closed.abort();
  return result;
}

describe("an HTTP/2 connection is closed when its time is over", () => {
  test.each([
    ["the preface alone", [PREFACE]],
    ["settings alone", [OPEN]],
    ["settings again and again", [OPEN, ...Array.from({ length: 20 }, () => SETTINGS)]],
    ["a head that does not end", [OPEN, frame(1, 0, 1, REST)]],
    ["a REST request without its body", [OPEN, frame(1, END_HEADERS, 1, REST)]],
    ["half a body", [OPEN, frame(1, END_HEADERS, 1, REST), frame(0, 0, 1, Buffer.from("{"))]],
    ["a call without its message", [OPEN, frame(1, END_HEADERS, 1, GRPC)]],
    [
      "half a message",
      [OPEN, frame(1, END_HEADERS, 1, GRPC), frame(0, 0, 1, Buffer.from("\0\0\0\x01\0abc", "latin1"))],
    ],
    ["half a frame", [OPEN, Buffer.from([0, 0x40, 0, 0])]],
    // From here on Node says good-bye and then nothing more: no event, no read, no end.
    ["a PING of 3 bytes beside an open call", [OPEN, frame(1, END_HEADERS, 1, GRPC), frame(6, 0, 0, Buffer.alloc(3))]],
    ["DATA of no stream beside an open call", [OPEN, frame(1, END_HEADERS, 1, GRPC), frame(0, 0, 0, Buffer.alloc(1))]],
    [
      "a broken head beside an open request",
      [OPEN, frame(1, END_HEADERS, 1, REST), frame(1, 4, 3, Buffer.alloc(5, 0xff))],
    ],
    ["a PING of 3 bytes", [OPEN, frame(6, 0, 0, Buffer.alloc(3))]],
  ])("%s", async (_, writes) => {
    const socket = send(await start(QUICK), ...writes);
    socket.resume();
    expect(await closesWithin(socket, 4000)).toBe(true);
  });

  test("a client that answers every PING and never reads its response", async () => {
    const server = await start(QUICK);
    const session = connectHttp2(server.url);
    closers.push(() => session.destroy());
    const head = { ":method": "POST", ":path": "/v1/models/m:predict", "content-type": "application/json" };
    const stream = session.request(head);
    stream.on("error", () => undefined).end('{"instances":["large"]}');
    await once(stream, "response");
    await once(session, "close", { signal: AbortSignal.timeout(5000) });
    // CANCEL
    expect(stream.rstCode).toBe(8);
  });

  test("and so it is over HTTP/1.1", async () => {
    const server = await start(QUICK);
    const body = '{"instances":["large"]}';
    const head = `POST /v1/models/m:predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
    const socket = send(server, Buffer.from(head + body));
    socket.pause();
    await delay(3000);
    socket.resume();
    let bytes = 0;
    socket.on("data", (chunk) => {
      bytes += chunk.length;
    });
    expect(await closesWithin(socket, 2000)).toBe(true);
    expect(bytes).toBeLessThan(16_000_000);
  });
});

describe("an HTTP/2 connection is kept", () => {
  async function open(server: ServerHandle): Promise<ClientHttp2Session> {
    const session = connectHttp2(server.url);
    closers.push(() => session.destroy());
    await once(session, "remoteSettings");
    return session;
  }

  async function predict(session: ClientHttp2Session, instance: string): Promise<string> {
    const stream = session.request({
      ":method": "POST",
      ":path": "/v1/models/m:predict",
      "content-type": "application/json",
    });
    stream.end(JSON.stringify({ instances: [instance] }));
    let text = "";
    for await (const chunk of stream.setEncoding("utf8")) text += chunk;
    return text;
  }

  test("while a request takes longer than every timeout: the time is ours", async () => {
    const session = await open(await start(QUICK));
    expect(await predict(session, "slow")).toBe('{"predictions":["slow"]}');
  });

  test("without a PING when one of its requests ends well, and with one when it breaks off", async () => {
    const session = await open(await start());
    let pings = 0;
    session.on("ping", () => {
      pings += 1;
    });
    const slow = predict(session, "slow");
    // The second would come behind a PING of the first's end.
    for (const instance of ["a", "b"]) expect(await predict(session, instance)).toBe(`{"predictions":["${instance}"]}`);
    expect(pings).toBe(0);
    const broken = session.request({ ":method": "POST", ":path": "/v1/models/m:predict" });
    broken.on("error", () => undefined).write("{");
    await predict(session, "c");
    // CANCEL
    broken.close(8);
    await once(session, "ping", { signal: AbortSignal.timeout(10_000) });
    expect(await slow).toBe('{"predictions":["slow"]}');
  });

  test("while its client reads slowly", async () => {
    const session = await open(await start(QUICK));
    const head = { ":method": "POST", ":path": "/v1/models/m:predict", "content-type": "application/json" };
    const stream = session.request(head);
    stream.end('{"instances":["large"]}');
    let bytes = 0;
    let pauses = 0;
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes > pauses * 1_000_000) {
        pauses += 1;
        await delay(150);
      }
    }
    expect(bytes).toBeGreaterThan(16_000_000);
  });

  test("where timeouts are 0", async () => {
    const session = await open(await start({ headersTimeoutMs: 0, receiveTimeoutMs: 0, keepAliveTimeoutMs: 0 }));
    await delay(1200);
    expect(await predict(session, "a")).toBe('{"predictions":["a"]}');
    await delay(1200);
    expect(await predict(session, "b")).toBe('{"predictions":["b"]}');
  });

  test("and opens no more requests than maxConcurrentStreams", async () => {
    const server = await start({ maxConcurrentStreams: 4 });
    const heads = Array.from({ length: 10 }, (_, i) => frame(1, END_HEADERS, 2 * i + 1, GRPC));
    const socket = send(server, OPEN, ...heads);
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
    });
    // RST_STREAM with REFUSED_STREAM.
    const refusal = Buffer.from([0, 0, 4, 3, 0]);
    const count = (): number => received.toString("latin1").split(refusal.toString("latin1")).length - 1;
    for (let i = 0; i < 40 && count() < 6; i++) await delay(50);
    expect(count()).toBe(6);
  });

  test("and its requests count towards maxConcurrency", async () => {
    const session = await open(await start({ maxConcurrency: 1, maxQueue: 1 }));
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const head = { ":method": "POST", ":path": "/v1/models/m:predict", "content-type": "application/json" };
        const stream = session.request(head);
        stream.end('{"instances":["slow"]}');
        const [headers] = await once(stream, "response");
        stream.resume();
        return headers[":status"];
      }),
    );
    expect(statuses.sort()).toEqual([200, 200, 503, 503, 503]);
  });

  test("by a server that ends no longer than its last request takes", async () => {
    const server = await start({ shutdownTimeoutMs: 20_000 });
    const idle = send(server, OPEN);
    idle.resume();
    const session = await open(server);
    const answer = predict(session, "slow");
    await delay(200);
    const begun = performance.now();
    await Promise.all([server.close(), answer.then((text) => expect(text).toBe('{"predictions":["slow"]}'))]);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

describe("a request has one host", () => {
  test("two over HTTP/1.1 are a 400", async () => {
    const server = await start();
    const socket = send(
      server,
      Buffer.from("GET /v2/health/live HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n"),
    );
    let text = "";
    for await (const chunk of socket.setEncoding("utf8")) text += chunk;
    expect(text).toContain("HTTP/1.1 400");
    expect(text).toContain("expected one Host header, got 2");
  });

  test("another than the authority over HTTP/2 is a 400", async () => {
    const session = connectHttp2((await start()).url);
    closers.push(() => session.destroy());
    for (const [host, status] of [
      ["a", 200],
      ["b", 400],
    ] as const) {
      const stream = session.request({ ":path": "/v2/health/live", ":authority": "a", host });
      const [headers] = await once(stream, "response");
      expect(headers[":status"]).toBe(status);
      stream.resume();
    }
  });
});
