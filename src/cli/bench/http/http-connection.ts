import { Buffer } from "node:buffer";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { failureKind } from "../../../predictor/predictor-failure.ts";
import type { InferMessage } from "../../infer/to-message.ts";
import { describeBody } from "../describe-body.ts";
import type { LoadChannel, LoadClient, LoadClientOptions, Outcome } from "../load-client.ts";
import { type ReadResponse, ResponseReader } from "./response-reader.ts";

/** A client over HTTP/1.1: each channel is a connection that is kept. */
export function createHttpLoadClient({ url, headers, messages, timeoutMs }: LoadClientOptions): LoadClient {
  const address = new URL(url);
  const requests = messages.map((message) => toBytes(address, headers, message));
  const open = new Set<HttpConnection>();
  return {
    open() {
      const connection = new HttpConnection({ address, requests, timeoutMs });
      open.add(connection);
      return connection;
    },
    close() {
      for (const connection of open) connection.close();
    },
  };
}

function toBytes(address: URL, own: LoadClientOptions["headers"], { path, headers, body }: InferMessage): Buffer {
  const fields = {
    host: address.host,
    accept: "*/*",
    ...headers,
    ...own,
    "content-length": String(body.length),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const base = address.pathname.replace(/\/+$/, "");
  return Buffer.concat([Buffer.from(`POST ${base}${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), body]);
}

interface HttpConnectionOptions {
  readonly address: URL;
  readonly requests: readonly Buffer[];
  readonly timeoutMs: number;
}

class HttpConnection implements LoadChannel {
  readonly #options: HttpConnectionOptions;
  #socket: Socket | undefined;
  #reader = new ResponseReader();
  #finish: ((outcome: Outcome) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: HttpConnectionOptions) {
    this.#options = options;
  }

  send(index: number): Promise<Outcome> {
    return new Promise((resolve) => {
      const { requests, timeoutMs } = this.#options;
      if (this.#isClosed) {
        resolve(failed("closed", "the load has ended"));
        return;
      }
      this.#finish = resolve;
      // One timer for all requests of the connection: setting one anew costs more than moving it.
      if (this.#timer === undefined) this.#timer = setTimeout(() => this.#expire(), timeoutMs);
      else this.#timer.refresh();
      this.#socket ??= this.#connect();
      this.#socket.write(requests[index % requests.length] ?? Buffer.alloc(0));
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#fail("closed", "the load has ended");
    this.#drop();
    clearTimeout(this.#timer);
  }

  #connect(): Socket {
    const { protocol, hostname, port } = this.#options.address;
    const host = hostname.replace(/^\[|\]$/g, "");
    const secure = protocol === "https:";
    const target = { host, port: Number(port || (secure ? 443 : 80)) };
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = secure ? connectTls({ ...target, ...servername, ALPNProtocols: ["http/1.1"] }) : connect(target);
    this.#reader = new ResponseReader();
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#read(socket, (reader) => reader.push(chunk)));
    socket.on("end", () => this.#read(socket, (reader) => reader.end()));
    socket.on("error", (error) => {
      if (socket === this.#socket) this.#fail(failureKind(error) ?? "failed", error.message || String(error));
    });
    socket.on("close", () => {
      if (socket === this.#socket) this.#fail("reset", "the server closed the connection without a response");
    });
    return socket;
  }

  #read(socket: Socket, read: (reader: ResponseReader) => ReadResponse | undefined): void {
    if (socket !== this.#socket) return;
    try {
      const response = read(this.#reader);
      if (response === undefined) return;
      if (!response.keepsAlive) this.#drop();
      if (this.#finish === undefined) throw new Error("a response came without a request");
      this.#end(toOutcome(response));
    } catch (error) {
      this.#fail("protocol", (error as Error).message);
    }
  }

  /** A connection that waits for its next request is kept. */
  #expire(): void {
    if (this.#finish !== undefined) this.#fail("timeout", `no response within ${this.#options.timeoutMs / 1000} s`);
  }

  /** Ends the request under way, if there is one, and the connection, whose state nobody knows. */
  #fail(kind: string, message: string): void {
    this.#drop();
    this.#end(failed(kind, message));
  }

  #end(outcome: Outcome): void {
    const finish = this.#finish;
    this.#finish = undefined;
    finish?.(outcome);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }
}

function toOutcome({ status, serverTiming, text }: ReadResponse): Outcome {
  if (status >= 200 && status < 300) return { serverTiming };
  return { ...failed(`status ${status}`, describeBody(text)), serverTiming };
}

function failed(kind: string, message: string): Outcome {
  return { failure: { kind, message } };
}
