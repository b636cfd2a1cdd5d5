import type { Buffer } from "node:buffer";
import { type handleUnaryCall, type Metadata, type ServerUnaryCall, type StatusObject, status } from "@grpc/grpc-js";
import { InferenceError } from "../../errors.ts";
import type { Logger } from "../../inference/request-context.ts";
import { fromMetadata, toMetadata } from "../../policy/grpc-metadata.ts";
import { encodeError } from "../../protocol/grpc/errors.ts";
import { logError } from "../exchange/log-error.ts";
import { requestIdOf } from "../request-id.ts";

/** The response to a unary call. */
export interface GrpcResponse {
  readonly bytes: Buffer;
  /** Sent as initial metadata. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers one method; what it throws becomes the call's status. */
export type GrpcMethod = (call: GrpcCall) => Promise<GrpcResponse>;

/** A client whose deadline passes cancels, and its clock started before ours. */
const DEADLINE_SLACK_MS = 100;

/** A unary call as plain values; what costs something is made when first read. */
export class GrpcCall {
  /** The message as it came. */
  readonly bytes: Buffer;
  readonly requestId: string;
  /** The client's metadata; its deadline is `grpc-timeout`, in what is left of it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #call: ServerUnaryCall<Buffer, Buffer>;
  #signal: AbortSignal | undefined;
  #answered = false;

  constructor(call: ServerUnaryCall<Buffer, Buffer>) {
    this.#call = call;
    this.bytes = call.request;
    const headers = fromMetadata(call.metadata);
    const left = millisecondsLeft(call);
    // Eight digits are all that the header takes.
    if (left < 1e8) headers["grpc-timeout"] = `${Math.max(1, Math.ceil(left))}m`;
    this.headers = headers;
    this.requestId = requestIdOf(headers);
  }

  /** Aborted when the client cancels or its deadline passes. */
  get signal(): AbortSignal {
    this.#signal ??= this.#follow();
    return this.#signal;
  }

  /** The response is on its way: what ends now was no cancellation, though grpc-js says "cancelled" of every call's end. */
  answered(): void {
    this.#answered = true;
  }

  #follow(): AbortSignal {
    const controller = new AbortController();
    const abort = (): void => {
      if (this.#answered) return;
      const late = millisecondsLeft(this.#call) <= DEADLINE_SLACK_MS;
      const message = late ? "the client's deadline has passed" : "the client left";
      controller.abort(new InferenceError(message, { code: late ? "deadline_exceeded" : "cancelled" }));
    };
    if (this.#call.cancelled) abort();
    else this.#call.once("cancelled", abort);
    return controller.signal;
  }
}

function millisecondsLeft(call: ServerUnaryCall<Buffer, Buffer>): number {
  return Number(call.getDeadline()) - Date.now();
}

/** A method as grpc-js takes it; the log gets everything that a client does not. */
export function toUnaryHandler(method: GrpcMethod, log: Logger): handleUnaryCall<Buffer, Buffer> {
  return (unary, callback) => {
    const call = new GrpcCall(unary);
    method(call).then(
      ({ bytes, headers }) => {
        call.answered();
        if (headers !== undefined) unary.sendMetadata(toMetadata(headers));
        callback(null, bytes);
      },
      (thrown: unknown) => {
        call.answered();
        const error = InferenceError.from(thrown);
        logError(error, call.requestId, log);
        callback(toStatus(error, call.requestId));
      },
    );
  };
}

/** An error as a call's status, with its headers as trailing metadata. */
export function toStatus(error: InferenceError, requestId: string): StatusObject {
  const { "grpc-status": code, "grpc-message": details = "", ...headers } = encodeError(error, requestId).headers;
  const metadata: Metadata = toMetadata({ "x-request-id": requestId, ...headers });
  return { code: Number(code ?? status.UNKNOWN), details, metadata };
}
