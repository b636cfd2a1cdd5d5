import type { ExchangeListener } from "../inference/exchange-listener.ts";
import type { Logger } from "../inference/request-context.ts";
import { createAccessLog } from "../observability/access-log.ts";
import { createPayloadLog } from "../observability/payload-log.ts";
import type { ServeFlags } from "./predictor-choice.ts";

/** The logs of requests that the flags ask for. */
export function createRequestLogs(flags: ServeFlags, log: Logger): readonly ExchangeListener[] {
  const sample = flags.payload_log_sample;
  return [
    ...(flags.access_log ? [createAccessLog(log)] : []),
    ...(sample > 0 ? [createPayloadLog({ log, sample })] : []),
  ];
}
