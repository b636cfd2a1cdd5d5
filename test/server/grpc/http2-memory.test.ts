import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type ServerHttp2Session } from "node:http2";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { frame } from "../../../fuzz/http2-frames.ts";
import { Http2Streams } from "../../../src/server/grpc/http2-streams.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
const CONNECTIONS = 20;

/** Sessions that are still in memory once their connections are over: each would hold its socket and all that it has read. */
async function sessionsLeft(...writes: readonly Buffer[]): Promise<number> {
  const http2Server = createServer();
  const sessions: WeakRef<ServerHttp2Session>[] = [];
  http2Server.on("session", (session) => sessions.push(new WeakRef(session)));
  const streams = new Http2Streams(http2Server, undefined, { headersTimeoutMs: 300, keepAliveTimeoutMs: 300 });
  const listener = createTcpServer((socket) => streams.handleConnection(socket)).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const play = async (): Promise<void> => {
    const socket = connect({ port, host: "127.0.0.1" }).on("error", () => undefined);
    socket.resume().end(Buffer.concat(writes));
    await once(socket, "close");
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, play));
  await streams.close(5000);
  listener.close();
  expect(sessions).toHaveLength(CONNECTIONS);
  const left = (): number => sessions.filter((session) => session.deref() !== undefined).length;
  // A reference that was looked at holds until the turn is over.
  for (let i = 0; i < 50 && left() > 2; i++) {
    await delay(20);
    collect();
  }
  return left();
}

test.each([
  ["does not begin with SETTINGS", [PREFACE, frame(6, 0, 0, Buffer.alloc(8))]],
  ["sends data on a stream that does not exist", [PREFACE, frame(4, 0, 0), frame(0, 0, 5, Buffer.alloc(1))]],
  ["sends a PING of three bytes", [PREFACE, frame(4, 0, 0), frame(6, 0, 0, Buffer.alloc(3))]],
  ["does nothing wrong", [PREFACE, frame(4, 0, 0)]],
])(
  "nothing is kept of a client that %s",
  async (_, writes) => {
    expect(await sessionsLeft(...writes)).toBeLessThanOrEqual(2);
  },
  30_000,
);
