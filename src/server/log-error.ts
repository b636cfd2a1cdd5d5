import type { InferenceError } from "../errors.ts";
import type { Logger } from "../inference/request-context.ts";

/** Server errors are logged as such; a client's mistakes are for debugging. The log gets everything, stack and causes. */
export function logError(error: InferenceError, requestId: string, log: Logger): void {
  const details = { requestId, code: error.code, status: error.status, err: error };
  if (error.status >= 500 && error.code !== "unimplemented") log.error(details, error.message);
  else log.debug(details, error.message);
}
