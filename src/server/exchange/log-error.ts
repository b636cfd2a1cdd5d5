import type { InferenceError } from "../../errors.ts";
import type { Logger } from "../../inference/request-context.ts";

/** Server errors are logged as such; a client's mistakes are for debugging. The log gets everything, stack and causes. */
export function logError(error: InferenceError, requestId: string, log: Logger): void {
  const body = bodyText(error.body);
  const details = {
    requestId,
    code: error.code,
    status: error.status,
    err: error,
    ...(body === undefined ? {} : { body }),
  };
  if (isLogged(error)) log.error(details, error.message);
  else log.debug(details, error.message);
}

/** True for errors of the server, false for those of a client. */
export function isLogged({ status, code }: InferenceError): boolean {
  return status >= 500 && code !== "unimplemented";
}

const MOST_CHARACTERS = 1000;

/** An error's own body, for example what a predictor said, as text. */
function bodyText(body: unknown): string | undefined {
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array) return Buffer.from(body.subarray(0, MOST_CHARACTERS)).toString("utf8");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return text?.slice(0, MOST_CHARACTERS);
}
