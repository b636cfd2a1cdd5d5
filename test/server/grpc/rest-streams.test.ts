import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { GrpcServer } from "../../../src/server/grpc/grpc-server.ts";
import { createSharedListener } from "../../../src/server/process/port-sharing.ts";
import { serve } from "../../../src/server/serve.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";
import { createEchoServer, SERVICE } from "./grpc-fixtures.ts";

const closers: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(handle: RequestListener): Promise<ClientHttp2Session> {
  const httpServer = createServer(handle);
  const grpc = new GrpcServer(createEchoServer().server, { httpServer });
  const listener = createSharedListener({ httpServer, grpc });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  closers.push(async () => {
    const closed = once(listener, "close");
    listener.close();
    httpServer.close();
    httpServer.closeAllConnections();
    await grpc.close(0);
    await closed;
  });
  const session = connect(`http://127.0.0.1:${(listener.address() as AddressInfo).port}`);
  await once(session, "connect");
  closers.push(() => session.destroy());
  return session;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: Buffer): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [received] = await once(stream, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { status: received[":status"], headers: received, body: Buffer.concat(chunks) };
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function echo(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = await readAll(incoming);
  outgoing.writeHead(incoming.url === "/missing" ? 404 : 200, {
    "x-method": incoming.method,
    "x-host": incoming.headers.host,
    "x-names": Object.keys(incoming.headers).join(" "),
    "content-type": "text/plain",
    "keep-alive": "timeout=5",
  });
  outgoing.end(incoming.method === "GET" ? `${incoming.url}` : body);
}

describe("REST over HTTP/2, beside gRPC", () => {
  test("a request without a body", async () => {
    const session = await start(echo);
    const { status, headers, body } = await ask(session, { ":path": "/v2?x=1", accept: "text/plain", te: "trailers" });
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: "/v2?x=1" });
    expect(headers).toMatchObject({ "x-method": "GET", "content-type": "text/plain" });
    expect(headers["x-host"]).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(String(headers["x-names"]).split(" ").sort()).toEqual(["accept", "connection", "host"]);
    expect(headers).not.toHaveProperty("keep-alive");
    expect(headers).not.toHaveProperty("connection");
    expect((await ask(session, { ":path": "/missing" })).status).toBe(404);
    expect((await ask(session, { ":path": "/", ":method": "HEAD" })).body).toHaveLength(0);
  });

  test.each([100, 5_000_000])("a body of %d bytes there and back, with and without its length", async (size) => {
    const session = await start(echo);
    const sent = Buffer.alloc(size, "abc");
    for (const length of [{}, { "content-length": size }]) {
      const { body } = await ask(session, { ":method": "POST", ":path": "/", ...length }, sent);
      expect(body.equals(sent)).toBe(true);
    }
  });

  test("a body of a method that seldom has one", async () => {
    const session = await start(echo);
    const { body } = await ask(session, { ":method": "DELETE", ":path": "/" }, Buffer.from("why"));
    expect(body.toString()).toBe("why");
  });

  test("a client that waits for 100-continue gets it", async () => {
    const session = await start(echo);
    const stream = session.request({ ":method": "POST", ":path": "/", expect: "100-continue" });
    await once(stream, "continue");
    stream.end("late");
    stream.setEncoding("utf8");
    const [text] = await once(stream, "data");
    expect(text).toBe("late");
  });

  test("events arrive as they are sent", async () => {
    let send: (text: string) => void = () => undefined;
    const session = await start((_, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.write("data: 1\n\n");
      send = (text) => outgoing.end(text);
    });
    const stream = session.request({ ":path": "/events" });
    stream.setEncoding("utf8");
    expect(await once(stream, "data")).toEqual(["data: 1\n\n"]);
    send("data: 2\n\n");
    expect(await once(stream, "data")).toEqual(["data: 2\n\n"]);
    await once(stream, "end");
  });

  test("a client that leaves closes the inner request", async () => {
    let arrived: (outgoing: ServerResponse) => void = () => undefined;
    const inside = new Promise<ServerResponse>((resolve) => {
      arrived = resolve;
    });
    const session = await start((_, outgoing) => arrived(outgoing));
    const stream = session.request({ ":path": "/slow" });
    const outgoing = await inside;
    const closed = once(outgoing, "close");
    stream.on("error", () => undefined).close(8);
    await closed;
    expect(outgoing.writableFinished).toBe(false);
  });

  test("a response that breaks off does not look complete", async () => {
    const session = await start((_, outgoing) => {
      outgoing.writeHead(200, { "content-length": 10 });
      outgoing.write("half", () => outgoing.destroy());
    });
    await expect(ask(session, { ":path": "/" })).rejects.toThrow("NGHTTP2_INTERNAL_ERROR");
  });

  test("gRPC goes on over the same connection", async () => {
    const session = await start(echo);
    const frame = Buffer.alloc(5);
    const grpc = {
      ":method": "POST",
      ":path": `${SERVICE}/ServerLive`,
      "content-type": "application/grpc",
      te: "trailers",
    };
    const answers = await Promise.all([
      ask(session, grpc, frame),
      ask(session, { ":path": "/v2" }),
      ask(session, grpc, frame),
    ]);
    expect(answers.map(({ body }) => body.toString("latin1"))).toEqual([
      "\0\0\0\0\x02\b\x01",
      "/v2",
      "\0\0\0\0\x02\b\x01",
    ]);
  });
});

test("a server serves its pages, REST and readiness over HTTP/2 on its one port", async () => {
  class Doubled extends Transformer {
    override preprocess(request: InferRequest) {
      return request.reply({ predictions: request.instances.map((row) => 2 * Number(row)) });
    }
  }
  const server = await serve(Doubled, { host: "127.0.0.1", port: 0, log: createLogger({ level: "silent" }) });
  closers.push(() => server.close());
  await server.ready();
  const session = connect(server.url);
  closers.push(() => session.destroy());
  const headers = { ":method": "POST", ":path": "/v1/models/model:predict", "content-type": "application/json" };
  const { body } = await ask(session, headers, Buffer.from('{"instances":[1,2]}'));
  expect(JSON.parse(body.toString())).toEqual({ predictions: [2, 4] });
  expect((await ask(session, { ":path": "/v2/health/ready" })).status).toBe(200);
  expect((await ask(session, { ":path": "/" })).status).toBe(200);
});
