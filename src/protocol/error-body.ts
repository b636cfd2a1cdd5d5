import { Buffer } from "node:buffer";
import type { InferenceError } from "../errors.ts";
import type { WireMessage } from "../inference/content.ts";

/**
 * `{"error": message, "code": …, "request_id": …}`, the form of V1 and V2 alike: KServe's `error`, the code by which
 * docs/errors.md is found, and the id by which the log is found. An error's own body goes instead where it has one.
 */
export function encodeErrorBody(error: InferenceError, requestId: string): WireMessage {
  const { body } = error;
  if (body instanceof Uint8Array) return { headers: { ...error.headers }, body: [body] };
  if (typeof body === "string") {
    return { headers: { "content-type": "text/plain; charset=utf-8", ...error.headers }, body: [Buffer.from(body)] };
  }
  const text = JSON.stringify(body ?? { error: error.message, code: error.code, request_id: requestId });
  return { headers: { "content-type": "application/json", ...error.headers }, body: [Buffer.from(text)] };
}
