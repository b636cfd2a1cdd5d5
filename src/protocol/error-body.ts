import { Buffer } from "node:buffer";
import type { InferenceError } from "../errors.ts";
import type { WireMessage } from "../inference/content.ts";

/**
 * `{"error": message}`, the form of V1 and V2 alike; an error's own body instead where it has one. Server errors carry the
 * request id, by which the log is found.
 */
export function encodeErrorBody(error: InferenceError, requestId: string): WireMessage {
  const { body } = error;
  if (body instanceof Uint8Array) return { headers: { ...error.headers }, body: [body] };
  if (typeof body === "string") {
    return { headers: { "content-type": "text/plain; charset=utf-8", ...error.headers }, body: [Buffer.from(body)] };
  }
  const plain = error.status >= 500 ? { error: error.message, request_id: requestId } : { error: error.message };
  const text = JSON.stringify(body ?? plain);
  return { headers: { "content-type": "application/json", ...error.headers }, body: [Buffer.from(text)] };
}
