import { type InferenceError, STATUS } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import { shortenText } from "../../shorten-text.ts";

/** gRPC clients take about 8 KiB of headers; a longer message would lose the status with it. */
const MAX_MESSAGE_BYTES = 4096;

/**
 * An error as gRPC carries it: `grpc-status` and `grpc-message`, not yet percent-encoded, beside the error's own headers.
 * Server errors name the request id, by which the log is found.
 */
export function encodeError(error: InferenceError, requestId: string): WireMessage {
  const { grpc } = STATUS[error.code];
  const found = error.status >= 500 && requestId !== "" ? ` (request ${requestId})` : "";
  return {
    headers: { ...error.headers, "grpc-status": String(grpc), "grpc-message": `${fitMessage(error.message)}${found}` },
    body: [],
  };
}

/** The message, shortened so that its percent-encoded form fits; lone surrogates, which have no UTF-8, are replaced. */
function fitMessage(message: string): string {
  const whole = new TextDecoder().decode(new TextEncoder().encode(message));
  let text = shortenText(whole, MAX_MESSAGE_BYTES);
  for (let most = text.length; encodeURI(text).length > MAX_MESSAGE_BYTES; ) {
    most = Math.floor(most * 0.8);
    text = shortenText(whole, most);
  }
  return text;
}
