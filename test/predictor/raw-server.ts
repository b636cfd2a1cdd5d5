import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export interface RawServer {
  readonly port: number;
  readonly url: string;
  /** Requests that came in whole, as text. */
  readonly requests: string[];
  /** Ports of the clients' ends of all connections so far. */
  readonly clientPorts: ReadonlySet<number>;
  /** Resolves when a client has closed its connection. */
  readonly clientGone: Promise<void>;
  close(): Promise<void>;
}

/** A TCP server that reads whole HTTP requests and lets `misbehave` write whatever it likes. */
export async function startRawServer(
  misbehave: (socket: Socket, request: string) => void,
  server = createServer(),
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const clientPorts = new Set<number>();
  let onGone = (): void => undefined;
  const clientGone = new Promise<void>((resolve) => {
    onGone = resolve;
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    clientPorts.add(socket.remotePort ?? 0);
    let text = "";
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      onGone();
    });
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (end < 0 || text.length < end + 4 + length) return;
      requests.push(text);
      const request = text;
      text = "";
      misbehave(socket, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests,
    clientPorts,
    clientGone,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A whole response as text. */
export function httpAnswer(status: number, headers: Readonly<Record<string, string>>, body = ""): string {
  const lines = Object.entries({ "content-length": String(Buffer.byteLength(body)), ...headers });
  return `HTTP/1.1 ${status} Said\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}
