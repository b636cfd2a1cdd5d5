import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";

/** How long clients may take; 0 is no bound. The same as for HTTP/1.1. */
export interface Http2Timeouts {
  /** From the connection to the head of its first request, and for the answer to a PING. @default 30000 */
  readonly headersTimeoutMs?: number | undefined;
  /** For a whole request, and for a client that does not read its response. @default 300000 */
  readonly receiveTimeoutMs?: number | undefined;
  /** For a connection without a request. @default 65000 */
  readonly keepAliveTimeoutMs?: number | undefined;
}

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;

/** RFC 9113 §6.2: the flag of a HEADERS frame after which no body comes. */
export const END_STREAM = 1;

/** For a client to take leave: its last frames are on their way, and a socket that is destroyed drops them. */
const GOODBYE_MS = 500;
/** More than PINGs and acknowledgements take meanwhile: beyond it a response is being read. */
const CONTROL_BYTES = 4096;
/** Where heads have no bound: how often a connection with requests is asked whether it lives. */
const PING_MS = 30_000;

/**
 * One HTTP/2 connection as the server holds it: it ends when its time is over, whatever the client does or leaves undone, and
 * its socket with it. Node does neither: a session that broke keeps its descriptor, says nothing and does not see the client
 * leave; one that has ended waits for the client's end.
 */
export class Http2Connection {
  readonly #session: ServerHttp2Session;
  readonly #socket: Duplex & { readonly bytesWritten?: number };
  readonly #timeouts: Required<{ [name in keyof Http2Timeouts]: number }>;
  readonly #streams = new Set<ServerHttp2Stream>();
  #isEnding = false;
  /** What the connection waits for since then, and how long it may; 0 is for ever. */
  #since: number = performance.now();
  #boundMs: number;
  /** Since when responses wait and next to nothing is sent, and the bytes that had been sent by then. */
  #unread: { readonly since: number; readonly sent: number } | undefined;
  /** Bytes that had been sent when a PING went out; undefined when none is on its way. */
  #sentAtPing: number | undefined;

  constructor(session: ServerHttp2Session, socket: Duplex, timeouts: Http2Timeouts) {
    const { headersTimeoutMs = 30_000, receiveTimeoutMs = 300_000, keepAliveTimeoutMs = 65_000 } = timeouts;
    this.#session = session;
    this.#socket = socket;
    this.#timeouts = { headersTimeoutMs, receiveTimeoutMs, keepAliveTimeoutMs };
    this.#boundMs = headersTimeoutMs;
    destroyAfterPacket(session);
    session.on("error", () => this.destroy());
    session.on("close", () => this.destroy());
  }

  /** Counts a request, and bounds its time. */
  watch(stream: ServerHttp2Stream, flags: number, whenLate: () => void): void {
    this.#streams.add(stream);
    if (this.#streams.size === 1) this.#wait(this.#timeouts.headersTimeoutMs || PING_MS);
    const { receiveTimeoutMs } = this.#timeouts;
    const isReceiving = (flags & END_STREAM) === 0 && receiveTimeoutMs > 0;
    const late = isReceiving ? setTimeout(whenLate, receiveTimeoutMs) : undefined;
    if (isReceiving) stream.once("end", () => clearTimeout(late));
    stream.once("close", () => {
      clearTimeout(late);
      this.#streams.delete(stream);
      // One that broke off may have taken the session with it.
      if (this.#streams.size > 0 && stream.rstCode !== NGHTTP2_NO_ERROR) this.#ping();
      if (this.#isEnding) this.end();
      else this.#wait(this.#timeouts.keepAliveTimeoutMs);
    });
  }

  /** To be called now and then: ends what is over. */
  look(): void {
    if (this.#timeouts.receiveTimeoutMs > 0) this.#cutUnread();
    if (this.#boundMs === 0 || performance.now() - this.#since < this.#boundMs) return;
    if (this.#streams.size > 0) this.#ping();
    else if (this.#isEnding) this.destroy();
    else this.end();
  }

  /** No new requests; the connection ends with the last one that is open. */
  end(): void {
    this.#isEnding = true;
    if (!this.#session.closed) this.#session.close();
    if (this.#streams.size === 0) this.#wait(GOODBYE_MS);
  }

  destroy(): void {
    this.#session.destroy();
    setImmediate(() => this.#socket.destroy());
  }

  #wait(milliseconds: number): void {
    this.#since = performance.now();
    this.#boundMs = milliseconds;
    this.#sentAtPing = undefined;
  }

  /** Cuts responses whose client lets nothing through: it may answer PINGs all the while. */
  #cutUnread(): void {
    const { bytesWritten = 0 } = this.#socket;
    const waiting = [...this.#streams].filter(({ writableLength }) => writableLength > 0);
    if (waiting.length === 0) this.#unread = undefined;
    else if (this.#unread === undefined || bytesWritten - this.#unread.sent > CONTROL_BYTES) {
      this.#unread = { since: performance.now(), sent: bytesWritten };
    } else if (performance.now() - this.#unread.since >= this.#timeouts.receiveTimeoutMs) {
      for (const stream of waiting) cut(stream, NGHTTP2_CANCEL);
    }
  }

  /** Whoever neither answers a PING nor takes a byte is gone, or its session is broken. */
  #ping(): void {
    const { bytesWritten = 0 } = this.#socket;
    const isStuck = this.#sentAtPing !== undefined && bytesWritten <= this.#sentAtPing;
    if (isStuck || this.#session.destroyed) {
      this.destroy();
      return;
    }
    this.#since = performance.now();
    if (this.#sentAtPing === undefined) {
      this.#session.ping((error) => {
        if (error === null) this.#sentAtPing = undefined;
      });
    }
    this.#sentAtPing = bytesWritten;
  }
}

/**
 * Node destroys a session in the middle of the packet whose frame ends it. The nghttp2 of Node 20 reads the rest of that packet
 * nevertheless, and aborts the process at the next frame that is wrong: so a session outlives the packet. And nghttp2's error goes no
 * further than its code: its stack holds the session's handle, whose settings, if the client has not acknowledged them, hold the
 * session and its socket, where a listener holds the error: a circle through C++ that is never collected.
 */
function destroyAfterPacket(session: ServerHttp2Session): void {
  const { destroy } = session;
  let isEnding = false;
  session.destroy = (error?: unknown, code?: number) => {
    if (isEnding) return;
    isEnding = true;
    const unknown = error instanceof Error ? NGHTTP2_INTERNAL_ERROR : NGHTTP2_NO_ERROR;
    const reason = code ?? (typeof error === "number" ? error : unknown);
    setImmediate(() => Reflect.apply(destroy, session, [reason]));
  };
}

/** Ends a stream now, also one whose client lets nothing through. */
export function cut(stream: ServerHttp2Stream, code: number = NGHTTP2_NO_ERROR): void {
  stream.close(code);
  stream.destroy();
}
