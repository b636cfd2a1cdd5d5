import { InferenceError } from "../../errors.ts";
import type { Logger } from "../../inference/request-context.ts";
import { encodeErrorBody } from "../../protocol/error-body.ts";
import type { HttpResponse } from "./http-message.ts";

/**
 * The answer to what was thrown: `{"error": message}` under the error's own status and headers, or its own body. The log gets everything, the client only what is meant for it.
 */
export function errorResponse(thrown: unknown, requestId: string, log: Logger): HttpResponse {
  const error = InferenceError.from(thrown);
  logError(error, requestId, log);
  const { headers, body } = encodeErrorBody(error, requestId);
  return { status: error.status, headers: { ...headers, "x-request-id": requestId }, body };
}

/** Server errors are logged as such; a client's mistakes are for debugging. */
export function logError(error: InferenceError, requestId: string, log: Logger): void {
  const details = { requestId, code: error.code, status: error.status, err: error };
  if (error.status >= 500 && error.code !== "unimplemented") log.error(details, error.message);
  else log.debug(details, error.message);
}
