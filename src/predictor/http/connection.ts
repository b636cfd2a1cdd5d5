import type { Socket } from "node:net";
import type { buildConnector, Client, Dispatcher } from "undici";

/** The part of undici that connections need; it is loaded when the first predictor is made. */
export type Undici = Pick<typeof import("undici"), "Client" | "Pool" | "buildConnector">;

/** What undici is asked for, and who asks. */
export interface CallOptions extends Dispatcher.DispatchOptions {
  readonly call: { connection: Connection | undefined };
}

/** What a call must know of the connection that carries it, and undici does not tell. */
export class Connection {
  #socket: Socket | undefined;
  #responses = 0;
  #bytesRead = 0;

  /** The first socket, or one in place of a closed one. */
  opened(socket: Socket): void {
    this.#socket = socket;
    this.#responses = 0;
  }

  /** A request goes out; true where the connection has carried another before. */
  startRequest(): boolean {
    this.#bytesRead = this.#socket?.bytesRead ?? 0;
    return this.#responses > 0;
  }

  /** True while not a byte has come since the request went out. */
  get isSilent(): boolean {
    return (this.#socket?.bytesRead ?? 0) === this.#bytesRead;
  }

  /** A response is whole. Python's servers close after an error of their own and do not say so: its connection is left. */
  endResponse(status: number): void {
    this.#responses += 1;
    if (status >= 500) this.#socket?.destroy();
  }
}

/** A client of undici, which is one connection after another, that tells each call its connection. */
export function createConnectionClient(undici: Undici, origin: string | URL, options: Client.Options): Client {
  const connection = new Connection();
  const connect = options.connect as buildConnector.connector;
  const client = new undici.Client(origin, {
    ...options,
    connect: (target, callback) => {
      connect(target, (...result) => {
        // undici leaves the second argument out where there is an error.
        const socket: Socket | null | undefined = result[1];
        if (socket) {
          readBeforeWriteErrors(socket);
          connection.opened(socket);
        }
        callback(...result);
      });
    },
  });
  const dispatch = client.dispatch.bind(client);
  client.dispatch = (callOptions, handler) => {
    (callOptions as CallOptions).call.connection = connection;
    return dispatch(callOptions, handler);
  };
  return client;
}

/** How long a write error waits at most for the reading side to end, which it does at once on a lost connection. */
const READING_MS = 1000;

/**
 * A server may refuse a body from its head and close (RFC 9112 §9.3): writing then fails while the response lies unread in
 * the socket, and Node would throw it away with the socket. So a lost connection is told by the reading side, after what came.
 */
function readBeforeWriteErrors(socket: Socket): void {
  type WriteCallback = (error?: Error | null) => void;
  const hold =
    (callback: WriteCallback): WriteCallback =>
    (error) => {
      if (error === null || error === undefined) {
        callback(error);
        return;
      }
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE" || code === "ECONNRESET") setTimeout(callback, READING_MS, error).unref();
      else callback(error);
    };
  const { _write: write, _writev: writev } = socket;
  socket._write = (chunk, encoding, callback) => write.call(socket, chunk, encoding, hold(callback));
  if (writev) socket._writev = (chunks, callback) => writev.call(socket, chunks, hold(callback));
}
