import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface BenchServer {
  readonly url: string;
  /** POST requests, in order. */
  readonly seen: SeenRequest[];
  /** What a POST gets; 200 and a prediction by default. */
  respond: (response: ServerResponse, number: number) => void;
  /** Body of `/v2/models/clothes`. */
  metadata: object | undefined;
  close(): void;
}

/** A server of the one model `clothes`. */
export async function startBenchServer(): Promise<BenchServer> {
  const server = createServer(async (request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.method === "GET") {
      const isMetadata = request.url?.startsWith("/v2") === true;
      if (isMetadata && handle.metadata === undefined) response.statusCode = 404;
      response.end(JSON.stringify(isMetadata ? (handle.metadata ?? {}) : { models: ["clothes"] }));
      return;
    }
    const body = Buffer.concat(await request.toArray()).toString("latin1");
    handle.seen.push({ path: request.url ?? "", headers: request.headers, body });
    handle.respond(response, handle.seen.length);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const handle: BenchServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    respond: succeed,
    metadata: undefined,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return handle;
}

export function succeed(response: ServerResponse): void {
  response.setHeader("server-timing", "predict;dur=1.5");
  response.end('{"predictions":[1]}');
}
