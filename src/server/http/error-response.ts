import { InferenceError } from "../../errors.ts";
import type { Logger } from "../../inference/request-context.ts";
import { encodeErrorBody } from "../../protocol/error-body.ts";
import { logError } from "../exchange/log-error.ts";
import type { HttpResponse } from "./http-message.ts";

/**
 * The response to what was thrown: `{"error": message}` under the error's own status and headers, or its own body. The log
 * gets everything, the client only what is meant for it.
 */
export function errorResponse(thrown: unknown, requestId: string, log: Logger): HttpResponse {
  const error = InferenceError.from(thrown);
  logError(error, requestId, log);
  const { headers, body } = encodeErrorBody(error, requestId);
  return { status: error.status, headers: { ...headers, "x-request-id": requestId }, body };
}
