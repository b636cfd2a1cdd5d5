import { type Server as HttpServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { IncomingHttpHeaders as Http2Headers, Http2Server, ServerHttp2Stream } from "node:http2";
import { Duplex } from "node:stream";
import { withoutHopByHop } from "../../policy/hop-by-hop.ts";

type StreamListener = (stream: ServerHttp2Stream, headers: Http2Headers, flags: number) => void;

/** RFC 9113: the flag of a HEADERS frame after which no body comes, and the code of an answer that broke off. */
const END_STREAM = 1;
const INTERNAL_ERROR = 2;

/**
 * Lets node:http answer those streams of gRPC's HTTP/2 server that are no gRPC. Knative speaks HTTP/2 to a port that is named
 * `h2c`, to REST as well, and carries both over one connection.
 */
export function shareStreams(http2Server: Http2Server, httpServer: HttpServer): void {
  const listeners = http2Server.listeners("stream") as StreamListener[];
  http2Server.removeAllListeners("stream");
  http2Server.on("stream", (stream: ServerHttp2Stream, headers: Http2Headers, flags: number) => {
    if (String(headers["content-type"]).startsWith("application/grpc")) {
      for (const listener of listeners) listener.call(http2Server, stream, headers, flags);
    } else {
      answerStream(stream, headers, (flags & END_STREAM) === 0, httpServer);
    }
  });
}

/** One request over HTTP/2, handed to node:http as HTTP/1.1 over a connection in memory. */
function answerStream(
  stream: ServerHttp2Stream,
  headers: Http2Headers,
  hasBody: boolean,
  httpServer: HttpServer,
): void {
  const [ours, theirs] = createConnection();
  httpServer.emit("connection", theirs);
  if (headers.expect === "100-continue") stream.additionalHeaders({ ":status": 100 });
  const inner = httpRequest({
    createConnection: () => ours,
    method: headers[":method"],
    path: headers[":path"],
    headers: innerHeaders(headers, hasBody),
  });
  inner.on("response", (response) => respond(stream, response));
  inner.on("error", () => stream.close(INTERNAL_ERROR));
  stream.on("error", () => inner.destroy());
  // After a whole answer there is nothing left to destroy.
  stream.on("close", () => inner.destroy());
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
  if (stream.destroyed) return;
  stream.respond({ ":status": response.statusCode ?? 500, ...withoutHopByHop(response.headers) });
  response.pipe(stream);
  // An answer that breaks off must not look complete.
  response.on("error", () => stream.close(INTERNAL_ERROR));
}

/** Two ends of a connection: what is written to one is read from the other. */
function createConnection(): readonly [Duplex, Duplex] {
  const first = new ConnectionEnd();
  const second = new ConnectionEnd();
  first.other = second;
  second.other = first;
  return [first, second];
}

class ConnectionEnd extends Duplex {
  other: ConnectionEnd | undefined;
  /** The other end's write that waits until this one wants more. */
  #waiting: (() => void) | undefined;

  override _read(): void {
    const resume = this.#waiting;
    this.#waiting = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { other } = this;
    if (other === undefined || other.destroyed) done();
    else if (other.push(chunk)) done();
    else other.#waiting = done;
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this;
    this.#waiting?.();
    // A broken connection breaks at both ends; one that has ended is left to read what is on its way.
    if (other !== undefined && !other.destroyed && !(this.writableFinished && other.readableLength > 0))
      other.destroy();
    done(error);
  }
}
