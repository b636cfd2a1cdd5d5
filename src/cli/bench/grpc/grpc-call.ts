import type { Buffer } from "node:buffer";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { status as grpcStatus } from "@grpc/grpc-js";
import { failureKind } from "../../../predictor/predictor-failure.ts";
import type { Outcome } from "../load-client.ts";

/** One call's request as it goes out. */
export interface CallMessage {
  readonly headers: OutgoingHttpHeaders;
  /** The message behind its five bytes of length. */
  readonly frame: Buffer;
}

/** One unary call; `done` is told once. */
export class GrpcCall {
  readonly #done: (outcome: Outcome) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #stream: ClientHttp2Stream;
  #httpStatus = 200;
  #status: string | undefined;
  #message = "";
  #serverTiming: string | undefined;
  #error: Error | undefined;
  #isDone = false;

  constructor(session: ClientHttp2Session, message: CallMessage, timeoutMs: number, done: (outcome: Outcome) => void) {
    this.#done = done;
    const stream = session.request(message.headers);
    this.#stream = stream;
    this.#timer = setTimeout(() => this.cancel("timeout", `no response within ${timeoutMs / 1000} s`), timeoutMs);
    stream.on("response", (headers) => this.#readHead(headers));
    stream.on("trailers", (trailers) => this.#readStatus(trailers));
    stream.on("error", (error) => {
      this.#error = error;
    });
    stream.on("end", () => {
      if (this.#status !== undefined) this.#finish();
    });
    stream.on("close", () => this.#finish());
    stream.resume();
    stream.end(message.frame);
  }

  /** Ends the call with this failure, unless it has ended. */
  cancel(kind: string, message: string): void {
    this.#end({ failure: { kind, message } });
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #readHead(headers: IncomingHttpHeaders): void {
    this.#httpStatus = Number(headers[":status"]);
    this.#serverTiming = single(headers["server-timing"]);
    this.#readStatus(headers);
  }

  /** It stands in the trailers, or in the head of a response without a message. */
  #readStatus(headers: IncomingHttpHeaders): void {
    const status = single(headers["grpc-status"]);
    if (status === undefined) return;
    this.#status = status;
    this.#message = decode(single(headers["grpc-message"]) ?? "");
  }

  #finish(): void {
    const serverTiming = this.#serverTiming;
    if (this.#status === "0") this.#end({ serverTiming });
    else if (this.#status !== undefined) {
      const kind = `grpc ${grpcStatus[Number(this.#status)] ?? this.#status}`;
      this.#end({ failure: { kind, message: this.#message }, serverTiming });
    } else if (this.#httpStatus !== 200) {
      this.#end({ failure: { kind: `status ${this.#httpStatus}`, message: "no gRPC" } });
    } else this.#end({ failure: toFailure(this.#error) });
  }

  #end(outcome: Outcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#timer);
    this.#done(outcome);
  }
}

/** A stream that ends with its connection carries the connection's error as the cause. */
function toFailure(error: Error | undefined): { readonly kind: string; readonly message: string } {
  if (error === undefined) return { kind: "reset", message: "the server ended the call without a status" };
  const cause = error.cause instanceof Error ? error.cause : error;
  const isHttp2 = String(Reflect.get(cause, "code")).startsWith("ERR_HTTP2_");
  return { kind: failureKind(cause) ?? (isHttp2 ? "reset" : "failed"), message: cause.message };
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Percent-encoded UTF-8; text that is none stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
