import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { createLogger } from "../../../src/observability/logger.ts";
import { createFunctionPredictor } from "../../../src/predictor/embedded/function-predictor.ts";
import { startMetricsServer } from "../../../src/server/process/metrics-server.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

const BODY = '{"instances":[0]}';
const CHUNKS = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const TIMEOUTS = { headersTimeoutMs: 5000, receiveTimeoutMs: 5000 };

/** Node's own parser refuses an empty coding on some versions, and the port on the others. */
const EMPTY_CODING = [400, 501];

/** What stands before the length of a body, its version, and what the port says to it. */
const CASES = [
  ["chunked", "1.1", "Transfer-Encoding: chunked", CHUNKS, 200],
  ["chunked in capitals, spaces around", "1.1", "Transfer-Encoding:  CHUNKED  ", CHUNKS, 200],
  ["gzip, chunked", "1.1", "Transfer-Encoding: gzip, chunked", CHUNKS, 501],
  ["gzip and chunked in two headers", "1.1", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", CHUNKS, 501],
  ["identity, chunked", "1.1", "Transfer-Encoding: identity, chunked", CHUNKS, 501],
  ["gzip, chunked", "1.0", "Transfer-Encoding: gzip, chunked", CHUNKS, 501],
  ["chunked", "1.0", "Transfer-Encoding: chunked", CHUNKS, 400],
  ["chunked, gzip", "1.1", "Transfer-Encoding: chunked, gzip", CHUNKS, 400],
  ["chunked twice", "1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", CHUNKS, 400],
  ["identity", "1.1", "Transfer-Encoding: identity", BODY, 501],
  ["identity and a length", "1.1", `Transfer-Encoding: identity\r\nContent-Length: ${BODY.length}`, BODY, 400],
  ["nothing", "1.1", "Transfer-Encoding: ", BODY, EMPTY_CODING],
  ["a coding that ends like chunked", "1.1", "Transfer-Encoding: xchunked", CHUNKS, 501],
  ["chunked and a length", "1.1", `Transfer-Encoding: chunked\r\nContent-Length: 3`, CHUNKS, 400],
  ["a length and chunked", "1.0", `Content-Length: ${CHUNKS.length}\r\nTransfer-Encoding: chunked`, CHUNKS, 400],
  ["two lengths", "1.1", "Content-Length: 17\r\nContent-Length: 17", BODY, 400],
  ["a list of lengths", "1.1", "Content-Length: 17, 17", BODY, 400],
  ["a length with a sign", "1.1", "Content-Length: +17", BODY, 400],
] as const;

/** Everything that a port says until it closes the connection; the second request must never be read after a refusal. */
async function send(port: number, head: string, body: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const last = "GET /v2/health/live HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n";
  socket.write(`${head}\r\n\r\n${body}${last}`);
  // A reset after the response is a closed connection as well.
  socket.on("error", () => undefined);
  return text(socket);
}

const statuses = (said: string): number[] => [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, each]) => Number(each));

describe("a body whose length readers on the way may read otherwise is refused, and its connection closed", () => {
  let server: ServerHandle;
  let metrics: { readonly port: number; close(): Promise<void> };

  beforeAll(async () => {
    server = await serve(class extends Transformer {}, {
      host: "127.0.0.1",
      port: 0,
      modelName: "m",
      corsOrigins: ["*"],
      log: createLogger({ level: "silent" }),
      predictor: createFunctionPredictor(() => ({ predictions: [1] })),
    });
    metrics = await startMetricsServer(async () => "a 1\n", { host: "127.0.0.1", port: 0, ...TIMEOUTS });
    await server.ready();
  });
  afterAll(() => Promise.all([server.close(), metrics.close()]));

  test.each(CASES)("%s, HTTP/%s", async (_name, version, framing, body, status) => {
    const ports = [
      [server.port, "POST /v1/models/m:predict", "content-type: application/json"],
      [server.port, "POST /nowhere", "content-type: text/plain"],
      [server.port, "OPTIONS /v1/models/m:predict", "origin: http://a\r\naccess-control-request-method: POST"],
      [metrics.port, "POST /metrics", "content-type: text/plain"],
    ] as const;
    for (const [port, line, more] of ports) {
      const said = statuses(await send(port, `${line} HTTP/${version}\r\nHost: m\r\n${more}\r\n${framing}`, body));
      if (status === 200) expect(said[0] === 400 || said[0] === 501).toBe(false);
      else if (status === EMPTY_CODING) expect(EMPTY_CODING.map((each) => [each])).toContainEqual(said);
      else expect([line, said]).toEqual([line, [status]]);
    }
  });
});
