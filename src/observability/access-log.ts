import type { ExchangeListener } from "../inference/exchange-listener.ts";
import type { Logger } from "../inference/request-context.ts";
import { errorKind } from "./error-kind.ts";

/**
 * One line a request: who asked what, how it ended, how long it took, how large it was; no header and no body. Probes and
 * scrapes are no requests to a model and have none.
 */
export function createAccessLog(log: Logger): ExchangeListener {
  return {
    requestEnded(
      { requestId, modelName, verb, protocol },
      { status, milliseconds, requestBytes, responseBytes, error },
    ) {
      const failure = error === undefined ? {} : { code: errorKind(error) };
      const duration = Math.round(milliseconds * 100) / 100;
      log.info(
        {
          requestId,
          model: modelName,
          verb,
          protocol,
          status,
          milliseconds: duration,
          requestBytes,
          responseBytes,
          ...failure,
        },
        "request",
      );
    },
  };
}
