import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface GatewayFault {
  /** Headers that do not arrive, in either direction. */
  readonly strips?: readonly string[];
  /** Seconds by which the clock of its Date header is wrong. */
  readonly clockSeconds?: number;
  /** Answers everything itself. */
  readonly answers?: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
}

/** A reverse proxy in front of a server, with what gateways do to requests. */
export async function startGateway(target: string, fault: GatewayFault): Promise<{ url: string; close(): void }> {
  const { strips = [], clockSeconds = 0, answers } = fault;
  const kept = (headers: IncomingMessage["headers"]): IncomingMessage["headers"] =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !strips.includes(name)));
  const server: Server = createServer((incoming, outgoing) => {
    if (answers !== undefined) {
      answers(incoming, outgoing);
      return;
    }
    const options = { method: incoming.method, headers: kept(incoming.headers), agent: false } as const;
    const sent = request(target + incoming.url, options, (response) => {
      const headers = kept(response.headers);
      if (clockSeconds !== 0) headers.date = new Date(Date.now() + clockSeconds * 1000).toUTCString();
      outgoing.writeHead(response.statusCode ?? 502, headers);
      response.pipe(outgoing);
    });
    sent.on("error", () => outgoing.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
