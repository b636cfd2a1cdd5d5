import { InferenceError } from "../errors.ts";
import type { Logger } from "../inference/request-context.ts";
import { type HttpResponse, jsonResponse } from "./http-exchange.ts";

/**
 * The answer to an error: `{"error": message}` under the error's own status and headers, or the error's own body. The log
 * gets everything, the client only what is meant for it.
 */
export function errorResponse(thrown: unknown, requestId: string, log: Logger): HttpResponse {
  const error = InferenceError.from(thrown);
  logError(error, requestId, log);
  const headers = { "x-request-id": requestId, ...error.headers };
  if (error.body === undefined) {
    const message = error.code === "internal" && !InferenceError.isInstance(thrown) ? "internal error" : error.message;
    const details = error.status >= 500 ? { error: message, request_id: requestId } : { error: message };
    return jsonResponse(error.status, details, headers);
  }
  if (error.body instanceof Uint8Array) return { status: error.status, headers, body: [error.body] };
  if (typeof error.body === "string") {
    return {
      status: error.status,
      headers: { "content-type": "text/plain; charset=utf-8", ...headers },
      body: [new TextEncoder().encode(error.body)],
    };
  }
  return jsonResponse(error.status, error.body, headers);
}

/** Server errors are logged as such; a client's mistakes are for debugging. */
export function logError(error: InferenceError, requestId: string, log: Logger): void {
  const details = { requestId, code: error.code, status: error.status, err: error };
  if (error.status >= 500) log.error(details, error.message);
  else log.debug(details, error.message);
}
