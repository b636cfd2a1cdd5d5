import { type Server as HttpServer, request as httpRequest, type IncomingMessage } from "node:http";
import { constants, type IncomingHttpHeaders as Http2Headers, type ServerHttp2Stream } from "node:http2";
import { withoutHopByHop } from "../../policy/hop-by-hop.ts";
import { createMemoryConnection } from "./memory-connection.ts";

const { NGHTTP2_INTERNAL_ERROR } = constants;

/**
 * Answers one request over HTTP/2 that is no gRPC: it is handed to node:http as HTTP/1.1 over a connection in memory. Knative
 * speaks HTTP/2 to a port that is named `h2c`, to REST as well, and carries both over one connection.
 * @throws what node:http says of a head that HTTP/1.1 cannot carry.
 */
export function respondOverRest(
  stream: ServerHttp2Stream,
  headers: Http2Headers,
  hasBody: boolean,
  httpServer: HttpServer,
): void {
  const [ours, theirs] = createMemoryConnection();
  const inner = httpRequest({
    createConnection: () => ours,
    method: headers[":method"],
    path: headers[":path"],
    headers: innerHeaders(headers, hasBody),
  });
  httpServer.emit("connection", theirs);
  inner.on("response", (response) => respond(stream, response));
  // A response to CONNECT comes without a body: the connection is a tunnel from then on, and there are none here.
  inner.on("connect", (response: IncomingMessage) => {
    respondHead(stream, response, true);
    ours.destroy();
  });
  inner.on("error", () => stream.close(NGHTTP2_INTERNAL_ERROR));
  // After a whole response there is nothing left to destroy.
  stream.on("close", () => inner.destroy());
  if (headers.expect === "100-continue") stream.additionalHeaders({ ":status": 100 });
  if (hasBody) stream.pipe(inner);
  else inner.end();
}

/** HTTP/1.1's headers: a host, and a body's length or that it comes in chunks, which HTTP/2 marks otherwise. */
function innerHeaders(headers: Http2Headers, hasBody: boolean): Record<string, string | string[]> {
  const inner = withoutHopByHop(headers);
  for (const name in inner) if (name.startsWith(":") || name === "expect") delete inner[name];
  const authority = headers[":authority"];
  if (inner["host"] === undefined && authority !== undefined) inner["host"] = authority;
  if (hasBody && inner["content-length"] === undefined) inner["transfer-encoding"] = "chunked";
  return inner;
}

function respond(stream: ServerHttp2Stream, response: IncomingMessage): void {
  if (!respondHead(stream, response, false)) return;
  response.pipe(stream);
  // A response that breaks off must not look complete.
  response.on("error", () => stream.close(NGHTTP2_INTERNAL_ERROR));
}

/** False where nobody waits for it any more. */
function respondHead(stream: ServerHttp2Stream, response: IncomingMessage, endStream: boolean): boolean {
  if (stream.destroyed || stream.closed || stream.headersSent) return false;
  try {
    stream.respond({ ":status": response.statusCode ?? 500, ...withoutHopByHop(response.headers) }, { endStream });
    return true;
  } catch {
    stream.close(NGHTTP2_INTERNAL_ERROR);
    return false;
  }
}
