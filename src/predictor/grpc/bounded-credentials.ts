import type { Socket } from "node:net";
import { ChannelCredentials } from "@grpc/grpc-js";

type CreateSecureConnector = ChannelCredentials["_createSecureConnector"];
type SecureConnector = ReturnType<CreateSecureConnector>;

/**
 * Credentials whose connections end. grpc-js waits without a bound for the end of a TLS handshake, for a predictor's first frame,
 * and for the predictor's end of a connection that it has left (after a GOAWAY, or replaced): each keeps a descriptor, and an
 * address whose connection never comes about is never tried again.
 */
export class BoundedCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  readonly #boundMs: number;

  constructor(inner: ChannelCredentials, boundMs: number) {
    super();
    this.#inner = inner;
    this.#boundMs = boundMs;
  }

  override _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(...created: Parameters<CreateSecureConnector>): SecureConnector {
    const inner = this.#inner._createSecureConnector(...created);
    return {
      connect: async (socket) => {
        const connected = await inTime(inner.connect(socket), this.#boundMs);
        boundSocket(connected.socket, this.#boundMs);
        return connected;
      },
      waitForReady: () => inner.waitForReady(),
      getCallCredentials: () => inner.getCallCredentials(),
      destroy: () => inner.destroy(),
    };
  }
}

/** grpc-js destroys the socket of a connector that fails. */
function inTime<T>(promise: Promise<T>, boundMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(timedOut("no TLS handshake")), boundMs);
    promise.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

/** Looks now and then: HTTP/2 takes the socket's reads and timeouts for itself, and one that nobody reads never says `finish`. */
function boundSocket(socket: Socket, boundMs: number): void {
  let wasEnding = false;
  const look = setInterval(() => {
    if (socket.bytesRead === 0) socket.destroy(timedOut("no frame of HTTP/2"));
    else if (wasEnding) socket.destroy();
    wasEnding = socket.writableEnded;
  }, boundMs);
  look.unref();
  socket.on("error", () => undefined);
  socket.once("close", () => clearInterval(look));
}

/** grpc-js hands on no more of an error than its text. */
function timedOut(what: string): Error {
  return new Error(`ETIMEDOUT: ${what} in time`);
}
