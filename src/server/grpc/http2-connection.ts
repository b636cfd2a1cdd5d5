import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";

/** How long clients may take; 0 is no bound. The same as for HTTP/1.1. */
export interface Http2Timeouts {
  /** From the connection to the head of its first request. @default 30000 */
  readonly headersTimeoutMs?: number | undefined;
  /** For a whole request, and for a client that does not read its response. @default 300000 */
  readonly receiveTimeoutMs?: number | undefined;
  /** For a connection without a request. @default 65000 */
  readonly keepAliveTimeoutMs?: number | undefined;
}

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;

/** RFC 9113 §6.2: the flag of a HEADERS frame after which no body comes. */
export const END_STREAM = 1;

/** For a client to take leave: its last frames are on their way, and a socket that is destroyed drops them. */
const GOODBYE_MS = 500;

/**
 * One HTTP/2 connection as the server holds it: it ends when its time is over, whatever the client does or leaves undone, and
 * its socket with it. Node closes neither: a session that breaks keeps its descriptor, one that has ended waits for the
 * client's end.
 */
export class Http2Connection {
  readonly #session: ServerHttp2Session;
  readonly #socket: Duplex;
  readonly #timeouts: Http2Timeouts;
  #streams = 0;
  #isEnding = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(session: ServerHttp2Session, socket: Duplex, timeouts: Http2Timeouts) {
    this.#session = session;
    this.#socket = socket;
    this.#timeouts = timeouts;
    session.on("error", () => this.destroy());
    session.on("close", () => this.destroy());
    socket.on("close", () => clearTimeout(this.#timer));
    this.#wait(timeouts.headersTimeoutMs ?? 30_000, () => this.end());
  }

  /** Counts a request, and bounds its time. */
  watch(stream: ServerHttp2Stream, flags: number, whenLate: () => void): void {
    this.#streams += 1;
    clearTimeout(this.#timer);
    const timeoutMs = this.#timeouts.receiveTimeoutMs ?? 300_000;
    const isReceiving = (flags & END_STREAM) === 0 && timeoutMs > 0;
    const late = isReceiving ? setTimeout(whenLate, timeoutMs) : undefined;
    if (isReceiving) stream.once("end", () => clearTimeout(late));
    if (timeoutMs > 0) stream.setTimeout(timeoutMs, cutUnread);
    stream.once("close", () => {
      clearTimeout(late);
      this.#streams -= 1;
      if (this.#streams > 0) return;
      if (this.#isEnding || this.#session.closed) this.end();
      else this.#wait(this.#timeouts.keepAliveTimeoutMs ?? 65_000, () => this.end());
    });
  }

  /** No new requests; the connection ends with the last one that is open. */
  end(): void {
    this.#isEnding = true;
    if (!this.#session.closed) this.#session.close();
    if (this.#streams === 0) this.#wait(GOODBYE_MS, () => this.destroy());
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#session.destroy();
    this.#socket.destroy();
  }

  #wait(milliseconds: number, then: () => void): void {
    clearTimeout(this.#timer);
    if (milliseconds > 0 && !this.#socket.destroyed) this.#timer = setTimeout(then, milliseconds);
  }
}

/** Called when nothing was sent for a while: the fault is the client's where there is something to send. */
function cutUnread(this: ServerHttp2Stream): void {
  if (this.writableLength > 0) cut(this, NGHTTP2_CANCEL);
}

/** Ends a stream now, also one whose client lets nothing through. */
export function cut(stream: ServerHttp2Stream, code: number = NGHTTP2_NO_ERROR): void {
  stream.close(code);
  stream.destroy();
}
