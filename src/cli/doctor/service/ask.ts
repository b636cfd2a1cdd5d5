import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";

/** What came back, whatever the status. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

/** Sends one request; undefined where no response came. */
export type Ask = (path: string, message?: AskMessage) => Promise<Reply | undefined>;

export interface AskMessage {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent by POST. */
  readonly body?: Uint8Array | string;
}

export interface AskOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Certificates (PEM) to trust besides the machine's. */
  readonly ca: readonly string[] | undefined;
  readonly timeoutMs: number;
}

/** A reply longer than this is no service's metadata. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Requests to one service, each on a connection of its own: no state of one check reaches the next. */
export function createAsk({ url, headers, ca, timeoutMs }: AskOptions): Ask {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const prefix = url.pathname.replace(/\/+$/, "");
  return (path, { headers: own = {}, body } = {}) =>
    new Promise((resolve) => {
      const options = {
        method: body === undefined ? "GET" : "POST",
        headers: { accept: "application/json", ...headers, ...own },
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        ...(ca === undefined ? {} : { ca: [...ca] }),
      } as const;
      const sent = send(new URL(prefix + path, url), options, (incoming) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_BYTES) incoming.destroy();
          else chunks.push(chunk);
        });
        incoming.on("error", () => resolve(undefined));
        incoming.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parseObject(text) });
        });
      });
      sent.on("error", () => resolve(undefined));
      sent.end(body);
    });
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
