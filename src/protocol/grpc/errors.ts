import { type InferenceError, STATUS } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";

/** gRPC clients take about 8 KiB of headers; a longer message would lose the status with it. */
const MAX_MESSAGE_BYTES = 4096;

/**
 * An error as gRPC carries it: `grpc-status` and `grpc-message`, not yet percent-encoded, beside the error's own headers.
 * Server errors name the request id, by which the log is found.
 */
export function encodeError(error: InferenceError, requestId: string): WireMessage {
  const { grpc } = STATUS[error.code];
  const message = error.status >= 500 && requestId !== "" ? `${error.message} (request ${requestId})` : error.message;
  return {
    headers: { ...error.headers, "grpc-status": String(grpc), "grpc-message": fitMessage(message) },
    body: [],
  };
}

/** The message cut so that its percent-encoded form fits; lone surrogates, which have no UTF-8, are replaced. */
function fitMessage(message: string): string {
  const whole = new TextDecoder().decode(new TextEncoder().encode(message));
  let bytes = 0;
  let end = 0;
  for (const character of whole) {
    bytes += encodeURI(character).length;
    if (bytes > MAX_MESSAGE_BYTES) return `${whole.slice(0, end)}…`;
    end += character.length;
  }
  return whole;
}
