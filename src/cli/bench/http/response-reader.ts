import { Buffer } from "node:buffer";
import { ChunkedBody } from "./chunked-body.ts";
import { MalformedResponse } from "./malformed-response.ts";

/** One HTTP/1.1 response, as far as a load test looks at it. */
export interface ReadResponse {
  readonly status: number;
  /** In lower case. */
  readonly serverTiming: string | undefined;
  /** False where the server closes the connection behind it. */
  readonly keepsAlive: boolean;
  /** The beginning of an error's body; empty for a success. */
  readonly text: string;
}

const MAX_HEAD_BYTES = 65_536;
const MAX_TEXT_BYTES = 1000;
const HEAD_END = Buffer.from("\r\n\r\n");

interface Head {
  readonly status: number;
  readonly serverTiming: string | undefined;
  readonly keepsAlive: boolean;
}

/**
 * Reads the responses of one connection, one after the other. A client of Node's own, or undici's, costs as much as the server
 * that is measured; this one reads the head's few lines and counts the rest.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.3 for where a body ends
 */
export class ResponseReader {
  #rest: Buffer | undefined;
  #head: Head | undefined;
  /** Bytes of the body still to come; Infinity up to the end of the connection. */
  #left = 0;
  #chunked: ChunkedBody | undefined;
  #text: Buffer[] = [];
  #textBytes = 0;

  /** The response, once it is whole. @throws MalformedResponse */
  push(chunk: Buffer): ReadResponse | undefined {
    let bytes = chunk;
    while (this.#head === undefined) {
      const whole = this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]);
      this.#rest = undefined;
      const end = whole.indexOf(HEAD_END);
      if (end < 0) {
        if (whole.length > MAX_HEAD_BYTES) throw new MalformedResponse(`the head is over ${MAX_HEAD_BYTES} bytes`);
        this.#rest = whole;
        return undefined;
      }
      bytes = whole.subarray(end + 4);
      // 100 Continue and 103 Early Hints come before the response.
      this.#startBody(whole.toString("latin1", 0, end));
      if (this.#head === undefined && bytes.length === 0) return undefined;
    }
    return this.#readBody(bytes);
  }

  /** The connection ended: the response whose body goes up to there; undefined where one is cut off. */
  end(): ReadResponse | undefined {
    return this.#head !== undefined && this.#left === Number.POSITIVE_INFINITY ? this.#finish() : undefined;
  }

  #startBody(text: string): void {
    const [, status] = /^HTTP\/1\.[01] (\d{3})(?: |$|\r)/.exec(text) ?? [];
    if (status === undefined)
      throw new MalformedResponse(`expected HTTP/1.1, got ${JSON.stringify(text.slice(0, 60))}`);
    const code = Number(status);
    if (code < 200) return;
    const head = text.toLowerCase();
    const length = field(head, "content-length");
    const isChunked = field(head, "transfer-encoding")?.includes("chunked") === true;
    const hasEnd = isChunked || length !== undefined || code === 204 || code === 304;
    const connection = field(head, "connection") ?? (head.startsWith("http/1.0") ? "close" : "keep-alive");
    this.#head = {
      status: code,
      serverTiming: field(head, "server-timing"),
      keepsAlive: hasEnd && !connection.includes("close"),
    };
    if (isChunked) this.#chunked = new ChunkedBody();
    else this.#left = hasEnd ? toLength(length ?? "0") : Number.POSITIVE_INFINITY;
  }

  #readBody(bytes: Buffer): ReadResponse | undefined {
    if (this.#chunked !== undefined) {
      const surplus = this.#chunked.push(bytes, (data) => this.#keep(data));
      return surplus === undefined ? undefined : this.#finish(surplus);
    }
    const taken = Math.min(this.#left, bytes.length);
    this.#keep(bytes.subarray(0, taken));
    this.#left -= taken;
    return this.#left === 0 ? this.#finish(bytes.length - taken) : undefined;
  }

  #keep(data: Buffer): void {
    if ((this.#head?.status ?? 0) < 400 || this.#textBytes >= MAX_TEXT_BYTES) return;
    this.#text.push(Buffer.from(data.subarray(0, MAX_TEXT_BYTES - this.#textBytes)));
    this.#textBytes += data.length;
  }

  #finish(surplus = 0): ReadResponse {
    const head = this.#head;
    if (head === undefined || surplus > 0) throw new MalformedResponse("there are bytes behind the response");
    const response = { ...head, text: this.#text.length === 0 ? "" : Buffer.concat(this.#text).toString("utf8") };
    this.#head = undefined;
    this.#chunked = undefined;
    this.#left = 0;
    if (this.#text.length > 0) this.#text = [];
    this.#textBytes = 0;
    return response;
  }
}

/** The value of a field of a head in lower case. */
function field(head: string, name: string): string | undefined {
  const start = head.indexOf(`\r\n${name}:`);
  if (start < 0) return undefined;
  const from = start + name.length + 3;
  const end = head.indexOf("\r\n", from);
  return head.slice(from, end < 0 ? undefined : end).trim();
}

function toLength(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new MalformedResponse(`content-length: expected a number, got ${JSON.stringify(text)}`);
}
