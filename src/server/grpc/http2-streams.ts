import type { Server as HttpServer } from "node:http";
import {
  constants,
  type IncomingHttpHeaders as Http2Headers,
  type Http2Server,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Duplex } from "node:stream";
import { cut, END_STREAM, Http2Connection, type Http2Timeouts } from "./http2-connection.ts";
import { respondOverRest } from "./rest-streams.ts";

type StreamListener = (stream: ServerHttp2Stream, headers: Http2Headers, flags: number) => void;

const { NGHTTP2_INTERNAL_ERROR } = constants;

/** node:http is told to look as often. */
const LOOK_MS = 500;

/**
 * Stands between gRPC's HTTP/2 server and its connections: each has an error listener before anything else, is bounded in time,
 * and is ended here; each request goes to gRPC or, where it is none, to node:http. Nothing that a client does throws.
 */
export class Http2Streams {
  readonly #server: Http2Server;
  readonly #httpServer: HttpServer | undefined;
  readonly #grpc: readonly StreamListener[];
  readonly #timeouts: Http2Timeouts;
  readonly #connections = new Map<ServerHttp2Session, Http2Connection>();
  /** Looks at the connections; there is none while there are no connections. */
  #looking: NodeJS.Timeout | undefined;
  /** The socket whose session is being made. */
  #socket: Duplex | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(server: Http2Server, httpServer: HttpServer | undefined, timeouts: Http2Timeouts) {
    this.#server = server;
    this.#httpServer = httpServer;
    this.#timeouts = timeouts;
    this.#grpc = server.listeners("stream") as StreamListener[];
    server.removeAllListeners("stream");
    server.prependListener("session", (session: ServerHttp2Session) => this.#add(session));
    server.on("stream", (stream: ServerHttp2Stream, headers: Http2Headers, flags: number, raw: readonly string[]) =>
      this.#respond(stream, headers, flags, raw),
    );
  }

  handleConnection(socket: Duplex): void {
    this.#socket = socket;
    this.#server.emit("connection", socket);
    this.#socket = undefined;
  }

  /** Connections end with their last request; after `timeoutMs` they are cut. */
  async close(timeoutMs: number): Promise<void> {
    for (const connection of this.#connections.values()) connection.end();
    if (this.#connections.size === 0) return;
    const force = setTimeout(() => {
      for (const connection of this.#connections.values()) connection.destroy();
    }, timeoutMs);
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    clearTimeout(force);
  }

  #add(session: ServerHttp2Session): void {
    const socket = this.#socket ?? session.socket;
    const connection = new Http2Connection(session, socket, this.#timeouts);
    this.#connections.set(session, connection);
    this.#looking ??= setInterval(() => {
      for (const each of this.#connections.values()) each.look();
    }, LOOK_MS);
    socket.once("close", () => {
      this.#connections.delete(session);
      if (this.#connections.size > 0) return;
      clearInterval(this.#looking);
      this.#looking = undefined;
      this.#whenEmpty?.();
    });
  }

  #respond(stream: ServerHttp2Stream, headers: Http2Headers, flags: number, raw: readonly string[]): void {
    stream.on("error", () => undefined);
    const connection = stream.session && this.#connections.get(stream.session as ServerHttp2Session);
    // Whoever has reset it already waits for nothing; Node throws at what is written to it.
    if (connection === undefined || stream.destroyed || stream.closed) return;
    const isGrpc = String(headers["content-type"]).startsWith("application/grpc");
    connection.watch(stream, flags, () => refuse(stream, isGrpc ? LATE_GRPC : { ":status": 408 }));
    try {
      if (!isHostClear(headers, raw)) refuse(stream, { ":status": 400 });
      else if (isGrpc || this.#httpServer === undefined) {
        dropNoMetadata(headers);
        for (const listener of this.#grpc) listener.call(this.#server, stream, headers, flags);
      } else respondOverRest(stream, headers, (flags & END_STREAM) === 0, this.#httpServer);
    } catch {
      refuse(stream, { ":status": 400 });
    }
  }
}

/** Names and values that gRPC's metadata takes. */
const NAME = /^[:0-9a-z_.-]+$/;
const PRINTABLE = /^[ -~]*$/;

const LATE_GRPC: OutgoingHttpHeaders = {
  ":status": 200,
  "content-type": "application/grpc+proto",
  "grpc-status": "4",
  "grpc-message": "the request did not come whole in time",
};

/** Answers without a body, where there is still somebody to answer, and ends the stream. */
function refuse(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  if (stream.destroyed || stream.closed) return;
  if (stream.headersSent) {
    cut(stream, NGHTTP2_INTERNAL_ERROR);
    return;
  }
  stream.respond(headers, { endStream: true });
  stream.close();
}

/** What is no metadata; grpc-js leaves it out as well, but not before it has written it to standard error, credentials too. */
function dropNoMetadata(headers: Http2Headers): void {
  for (const name in headers) {
    const value = headers[name];
    const values = typeof value === "string" ? [value] : value;
    if (!NAME.test(name) || values?.some((each) => !PRINTABLE.test(each))) delete headers[name];
  }
}

/** RFC 9113 §8.3.1 and RFC 9112 §3.2: one host, which is the authority where both are given. */
function isHostClear({ host, ":authority": authority }: Http2Headers, raw: readonly string[]): boolean {
  if (host === undefined) return true;
  let hosts = 0;
  for (let i = 0; i < raw.length; i += 2) if (raw[i] === "host") hosts += 1;
  return hosts === 1 && (authority === undefined || authority === host);
}
