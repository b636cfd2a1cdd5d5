import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface TestServer {
  readonly port: number;
  /** Requests seen so far, as `GET /path`. */
  readonly requests: string[];
  /** Connections seen so far, whatever they carried. */
  connections(): number;
  close(): Promise<void>;
}

/** A server on loopback that counts what reaches it. */
export async function startServer(listener: RequestListener): Promise<TestServer> {
  const requests: string[] = [];
  let connections = 0;
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  server.on("connection", () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
