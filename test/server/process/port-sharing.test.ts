import { Buffer } from "node:buffer";
import { once } from "node:events";
import { Agent, createServer, type Server as HttpServer, request as httpRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { type AddressInfo, connect as connectTcp, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { Client, credentials } from "@grpc/grpc-js";
import { GrpcServer } from "../../../src/server/grpc/grpc-server.ts";
import {
  createSharedListener,
  type PortListener,
  type PortSharingOptions,
} from "../../../src/server/process/port-sharing.ts";
import { createCertificate } from "../grpc/grpc-certificate.ts";
import { callUnary, connect, createEchoServer, SERVICE } from "../grpc/grpc-fixtures.ts";

const LIVE = `${SERVICE}/ServerLive`;
const closers: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Shared {
  readonly port: number;
  readonly listener: PortListener;
  readonly httpServer: HttpServer;
  /** Connections that node:http was given. */
  readonly httpConnections: Socket[];
}

async function start(
  options: Partial<PortSharingOptions> & { readonly headersTimeout?: number } = {},
): Promise<Shared> {
  const { headersTimeout = 30_000, ...rest } = options;
  const httpServer = createServer(
    { headersTimeout, requestTimeout: headersTimeout, connectionsCheckingInterval: 50 },
    (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("end", () => outgoing.end(`${incoming.method} ${incoming.url} ${Buffer.concat(chunks)}`));
    },
  );
  const httpConnections: Socket[] = [];
  httpServer.on("connection", (socket) => httpConnections.push(socket));
  const grpc = new GrpcServer(createEchoServer().server);
  const listener = createSharedListener({ httpServer, grpc, ...rest });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  closers.push(async () => {
    const closed = listener.listening ? once(listener, "close") : undefined;
    listener.close();
    listener.closeSilentConnections();
    httpServer.close();
    httpServer.closeAllConnections();
    await grpc.close(0);
    await closed;
  });
  return { port: (listener.address() as AddressInfo).port, listener, httpServer, httpConnections };
}

function grpcClient(port: number): Client {
  const client = connect(port);
  closers.push(() => client.close());
  return client;
}

/** Sends text over a raw connection, in these pieces, each in a packet of its own; gives all that comes back. */
async function sendRaw(port: number, pieces: readonly string[]): Promise<string> {
  const socket = connectTcp({ port, host: "127.0.0.1", noDelay: true });
  closers.push(() => socket.destroy());
  let answer = "";
  socket.setEncoding("latin1").on("data", (text) => {
    answer += text;
  });
  await once(socket, "connect");
  const ended = once(socket, "close");
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  return answer;
}

function post(port: number, agent: Agent, body: string): Promise<{ text: string; reused: boolean }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: "127.0.0.1", agent, method: "POST", path: "/p" }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ text, reused: request.reusedSocket }));
    });
    request.on("error", reject).end(body);
  });
}

describe("one port", () => {
  test.each(["GET", "POST", "PUT", "PATCH", "PROPFIND"])("%s goes to node:http", async (method) => {
    const { port } = await start();
    const answer = await sendRaw(port, [
      `${method} /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi`,
    ]);
    expect(answer).toContain(`${method} /x hi`);
  });

  test("a request is recognised however its first bytes are cut", async () => {
    const { port } = await start();
    const text = "POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
    expect(await sendRaw(port, [...text.slice(0, 8), text.slice(8)])).toContain("POST /x hi");
  });

  test("HTTP/2's preface is recognised byte by byte", async () => {
    const { port, httpConnections } = await start();
    const socket = connectTcp({ port, host: "127.0.0.1", noDelay: true });
    closers.push(() => socket.destroy());
    const settings = once(socket, "data");
    for (const character of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
      await new Promise((resolve) => socket.write(character, resolve));
    }
    await new Promise((resolve) => socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]), resolve));
    const [frame] = await settings;
    // Byte 3 of a frame is its type; 4 is SETTINGS.
    expect(frame[3]).toBe(4);
    expect(httpConnections).toHaveLength(0);
    const closed = once(socket, "close");
    socket.end();
    await closed;
  });

  test("keep-alive connections stay with node:http", async () => {
    const { port, httpConnections } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closers.push(() => agent.destroy());
    const answers = [];
    for (const body of ["a", "b", "c"]) answers.push(await post(port, agent, body));
    expect(answers).toEqual([
      { text: "POST /p a", reused: false },
      { text: "POST /p b", reused: true },
      { text: "POST /p c", reused: true },
    ]);
    expect(httpConnections).toHaveLength(1);
  });

  test("a client that ends its side early still gets its answer", async () => {
    const { port } = await start();
    const socket = connectTcp({ port, host: "127.0.0.1" });
    closers.push(() => socket.destroy());
    socket.end("GET /half HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let answer = "";
    socket.setEncoding("latin1").on("data", (text) => {
      answer += text;
    });
    await once(socket, "close");
    expect(answer).toContain("GET /half ");
  });

  test("REST and gRPC under mixed load, 2,000 requests, no error", async () => {
    const { port } = await start();
    const client = grpcClient(port);
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    closers.push(() => agent.destroy());
    let next = 0;
    let rest = 0;
    let grpc = 0;
    const worker = async (): Promise<void> => {
      for (let i = next++; i < 2000; i = next++) {
        if (i % 2 === 0) {
          expect((await post(port, agent, String(i))).text).toBe(`POST /p ${i}`);
          rest++;
        } else {
          expect((await callUnary(client, LIVE, new Uint8Array(0))).bytes).toEqual(Buffer.from([8, 1]));
          grpc++;
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    expect([rest, grpc]).toEqual([1000, 1000]);
  });

  test("a connection that says nothing is closed when its time is over", async () => {
    const { port, httpConnections } = await start({ peekTimeoutMs: 50 });
    const socket = connectTcp({ port, host: "127.0.0.1" });
    closers.push(() => socket.destroy());
    socket.write("PRI");
    socket.resume();
    await once(socket, "close");
    expect(httpConnections).toHaveLength(0);
  });

  test("one whose first bytes came while the event loop was held for as long is answered", async () => {
    const { port, listener } = await start({ peekTimeoutMs: 500 });
    const socket = connectTcp({ port, host: "127.0.0.1" });
    await Promise.all([once(socket, "connect"), once(listener, "connection")]);
    await turn();
    socket.write("GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    for (const end = performance.now() + 600; performance.now() < end; );
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200/);
  });

  test("a connection that says nothing does not keep the server from ending", async () => {
    const { port, listener } = await start();
    const socket = connectTcp({ port, host: "127.0.0.1" });
    closers.push(() => socket.destroy());
    await Promise.all([once(socket, "connect"), once(listener, "connection")]);
    const closed = once(listener, "close");
    listener.close();
    listener.closeSilentConnections();
    await closed;
  });

  test("a connection that ends or breaks before it says anything harms nobody", async () => {
    const { port } = await start();
    const ended = connectTcp({ port, host: "127.0.0.1" });
    ended.end("PR");
    await once(ended, "close");
    const broken = connectTcp({ port, host: "127.0.0.1" });
    await once(broken, "connect");
    broken.resetAndDestroy();
    await expect(callUnary(grpcClient(port), LIVE, new Uint8Array(0))).resolves.toBeDefined();
  });

  test("an HTTP/2 connection that breaks before gRPC takes it harms nobody", async () => {
    let taken: (socket: Socket) => void = () => undefined;
    const waiting = new Promise<Socket>((resolve) => {
      taken = resolve;
    });
    const { port } = await start({ grpc: { handleConnection: (socket) => taken(socket) } });
    const socket = connectTcp({ port, host: "127.0.0.1" });
    socket.write("PRI * HTTP/2.0");
    const held = await waiting;
    await new Promise((resolve) => {
      held.on("close", resolve);
      held.destroy(new Error("broken"));
    });
    const grpc = new GrpcServer(createEchoServer().server);
    expect(() => grpc.handleConnection(held)).not.toThrow();
    await grpc.close(0);
  });

  test("node:http's header timeout holds though it never listens", async () => {
    const { port } = await start({ headersTimeout: 100 });
    const answer = await sendRaw(port, ["POST /slow HTTP/1.1\r\nHost: a\r\n"]);
    expect(answer).toContain("408 Request Timeout");
  });
});

const certificate = createCertificate();

(certificate === undefined ? describe.skip : describe)("one port under TLS", () => {
  const tls = certificate ?? { cert: Buffer.alloc(0), key: Buffer.alloc(0) };

  function getAlpn(port: number, ALPNProtocols: string[]): Promise<string | false | null> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ port, host: "127.0.0.1", ca: tls.cert, ALPNProtocols }, () => {
        resolve(socket.alpnProtocol);
        socket.destroy();
      });
      socket.on("error", reject);
    });
  }

  test("whoever offers HTTP/1.1 gets it, whoever offers h2 alone gets that", async () => {
    const { port } = await start({ tls });
    expect(await getAlpn(port, ["h2", "http/1.1"])).toBe("http/1.1");
    expect(await getAlpn(port, ["h2"])).toBe("h2");
  });

  test("gRPC, REST, and REST without ALPN", async () => {
    const { port } = await start({ tls });
    const client = new Client(`localhost:${port}`, credentials.createSsl(tls.cert));
    closers.push(() => client.close());
    expect((await callUnary(client, LIVE, new Uint8Array(0))).bytes).toEqual(Buffer.from([8, 1]));
    for (const ALPNProtocols of [["http/1.1"], ["h2", "http/1.1"], undefined]) {
      const agent = new TlsAgent({ ca: tls.cert, ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }) });
      closers.push(() => agent.destroy());
      const text = await new Promise((resolve, reject) => {
        tlsRequest({ port, host: "localhost", agent, path: "/tls" }, (response) => {
          response.setEncoding("utf8").on("data", resolve);
        })
          .on("error", reject)
          .end();
      });
      expect(text).toBe("GET /tls ");
    }
  });

  test("a client that does not speak TLS is turned away", async () => {
    const { port } = await start({ tls });
    expect(await sendRaw(port, ["GET / HTTP/1.1\r\n\r\n"])).not.toContain("200");
  });
});
