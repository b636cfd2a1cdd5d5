import type { WireMessage } from "../inference/content.ts";
import type { ExchangeListener } from "../inference/exchange-listener.ts";
import type { Logger } from "../inference/request-context.ts";

export interface PayloadLogOptions {
  readonly log: Logger;
  /** Share of requests, 0 to 1. */
  readonly sample: number;
  /** Bytes of each body that are kept. @default 16384 */
  readonly maxBytes?: number | undefined;
  /** @default Math.random */
  readonly random?: (() => number) | undefined;
}

/**
 * The bodies of some requests and of their answers, as they go over the wire (KServe's payload logging, with sampling). Bodies
 * hold what users send, so it is off unless the operator asks for it.
 */
export function createPayloadLog({
  log,
  sample,
  maxBytes = 16_384,
  random = Math.random,
}: PayloadLogOptions): ExchangeListener {
  return {
    payload({ requestId, modelName, protocol }, request, response) {
      if (random() >= sample) return;
      const answer = response === undefined ? {} : { response: textOf(response, maxBytes) };
      log.info({ requestId, model: modelName, protocol, request: textOf(request, maxBytes), ...answer }, "payload");
    },
  };
}

/** Text as it is, other bytes as base64; what was cut off is counted. */
function textOf({ headers, body }: WireMessage, maxBytes: number): string {
  const bytes = Buffer.concat(body);
  const kept = bytes.subarray(0, maxBytes);
  const isText = (headers["content-type"] ?? "application/json").includes("json");
  const text = isText ? kept.toString("utf8") : `base64:${kept.toString("base64")}`;
  return bytes.length <= maxBytes ? text : `${text}… (${bytes.length - maxBytes} more bytes)`;
}
