import type { AddressInfo } from "node:net";
import { METRICS_CONTENT_TYPE } from "../../observability/metrics-format.ts";
import { assertingFraming } from "../http/assert-framing.ts";
import { nodeHttp } from "./node-http.ts";
import { type RequestTimeouts, requestTimeouts } from "./request-timeouts.ts";

/** `/metrics` on a port of its own. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface MetricsServerOptions extends RequestTimeouts {
  readonly host: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
}

/** Plain HTTP, as scrapers inside a cluster use it. @throws the listen error with its code. */
export function startMetricsServer(
  scrape: () => Promise<string>,
  { host, port, ...timeouts }: MetricsServerOptions,
): Promise<MetricsServer> {
  const server = nodeHttp.createServer(
    requestTimeouts(timeouts),
    assertingFraming((request, response) => {
      if (request.url?.split("?")[0] !== "/metrics") {
        response.writeHead(404, { "content-type": "text/plain" }).end("only /metrics is here\n");
        return;
      }
      scrape().then(
        (text) => response.writeHead(200, { "content-type": METRICS_CONTENT_TYPE }).end(text),
        () => response.writeHead(500).end(),
      );
    }),
  );
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}
