import { Buffer } from "node:buffer";
import { type ClientHttp2Session, connect } from "node:http2";
import { invalidArgument } from "../../../errors.ts";
import type { LoadChannel, LoadClient, LoadClientOptions, Outcome } from "../load-client.ts";
import { type CallMessage, GrpcCall } from "./grpc-call.ts";

/**
 * A client of unary gRPC calls: all channels are streams of one connection, as a gRPC client has it. It speaks HTTP/2 itself:
 * the library's client costs more than the server that is measured.
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 * @throws InferenceError invalid_argument for a URL with a path.
 */
export function createGrpcLoadClient(options: LoadClientOptions): LoadClient {
  const { origin, pathname } = new URL(options.url);
  if (pathname !== "/") throw invalidArgument(`gRPC takes no path, got ${options.url}`);
  const messages = options.messages.map(({ path, body }) => toCallMessage(path, body, options));
  const session = new SharedSession(origin);
  const channels = new Set<GrpcChannel>();
  return {
    open() {
      const channel = new GrpcChannel(session, messages, options.timeoutMs);
      channels.add(channel);
      return channel;
    },
    close() {
      for (const channel of channels) channel.close();
      session.close();
    },
  };
}

/** Most milliseconds that eight digits, the field's limit, can say. */
const MAX_TIMEOUT_MS = 99_999_999;

function toCallMessage(path: string, body: Buffer, { headers, timeoutMs }: LoadClientOptions): CallMessage {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  const { host, ...others } = headers;
  return {
    headers: {
      ":method": "POST",
      ":path": path,
      ...(host === undefined ? {} : { ":authority": host }),
      te: "trailers",
      "content-type": "application/grpc",
      "grpc-timeout": `${Math.min(Math.ceil(timeoutMs), MAX_TIMEOUT_MS)}m`,
      ...others,
    },
    frame: Buffer.concat([prefix, body]),
  };
}

/** The connection, made when first needed and again after it has ended. */
class SharedSession {
  readonly #origin: string;
  #session: ClientHttp2Session | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  get(): ClientHttp2Session {
    const open = this.#session;
    if (open !== undefined && !open.closed && !open.destroyed) return open;
    const session = connect(this.#origin);
    // Its streams end with the error as their cause; without a listener it would end the process.
    session.on("error", () => this.#forget(session));
    session.on("goaway", () => this.#forget(session));
    session.on("close", () => this.#forget(session));
    this.#session = session;
    return session;
  }

  close(): void {
    this.#session?.destroy();
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session === session) this.#session = undefined;
  }
}

class GrpcChannel implements LoadChannel {
  readonly #session: SharedSession;
  readonly #messages: readonly CallMessage[];
  readonly #timeoutMs: number;
  #call: GrpcCall | undefined;
  #isClosed = false;

  constructor(session: SharedSession, messages: readonly CallMessage[], timeoutMs: number) {
    this.#session = session;
    this.#messages = messages;
    this.#timeoutMs = timeoutMs;
  }

  send(index: number): Promise<Outcome> {
    return new Promise((resolve) => {
      const message = this.#messages[index % this.#messages.length];
      if (this.#isClosed || message === undefined) {
        resolve({ failure: { kind: "closed", message: "the load has ended" } });
        return;
      }
      this.#call = new GrpcCall(this.#session.get(), message, this.#timeoutMs, resolve);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#call?.cancel("closed", "the load has ended");
  }
}
