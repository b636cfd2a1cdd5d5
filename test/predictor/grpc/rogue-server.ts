import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { encodeFields, frame } from "../../../fuzz/http2-frames.ts";

const [DATA, HEADERS, SETTINGS, PING, GOAWAY] = [0, 1, 4, 6, 7];
const PREFACE_LENGTH = 24;
const END_STREAM = 1;
const END_HEADERS = 4;

export interface RogueServer {
  readonly port: number;
  /** Connections that the client still holds: it gets PINGs, and to one that has gone they bring a reset. */
  readonly open: ReadonlySet<Socket>;
  close(): void;
}

/** HTTP/2 by hand, over connections that the server never closes; `answer` is called for each request that has come whole. */
export async function startRogueServer(
  answer: (socket: Socket, stream: number) => void,
  onConnection: (socket: Socket, serve: () => void) => void = (_, serve) => serve(),
): Promise<RogueServer> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    onConnection(socket, () => serveFrames(socket, answer));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    open,
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

function serveFrames(socket: Socket, answer: (socket: Socket, stream: number) => void): void {
  let bytes = Buffer.alloc(0);
  let at = PREFACE_LENGTH;
  socket.write(frame(SETTINGS, 0, 0));
  const pings = setInterval(() => socket.write(frame(PING, 0, 0, Buffer.alloc(8))), 20);
  socket.on("close", () => clearInterval(pings));
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= at + 9 && bytes.length >= at + 9 + bytes.readUIntBE(at, 3)) {
      const [type, flags] = [bytes.readUInt8(at + 3), bytes.readUInt8(at + 4)];
      if (type === SETTINGS && flags === 0) socket.write(frame(SETTINGS, 1, 0));
      if ((type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0) answer(socket, bytes.readUInt32BE(at + 5));
      at += 9 + bytes.readUIntBE(at, 3);
    }
  });
}

/** A response of gRPC with an empty message, in frames. */
export function emptyResponse(stream: number): Buffer {
  const head: [string, string][] = [
    [":status", "200"],
    ["content-type", "application/grpc"],
  ];
  return Buffer.concat([
    frame(HEADERS, END_HEADERS, stream, encodeFields(head)),
    frame(DATA, 0, stream, Buffer.alloc(5)),
    frame(HEADERS, END_HEADERS | END_STREAM, stream, encodeFields([["grpc-status", "0"]])),
  ]);
}

export function goAway(code: number): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(0x7fffffff, 0);
  payload.writeUInt32BE(code, 4);
  return frame(GOAWAY, 0, 0, payload);
}
