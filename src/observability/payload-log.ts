import { joinMessage, messageLength, type WireMessage } from "../inference/content.ts";
import type { ExchangeListener } from "../inference/exchange-listener.ts";
import type { Logger } from "../inference/request-context.ts";
import { finish } from "../turns.ts";
import { redactBody } from "./payload-events/redact-body.ts";

export interface PayloadLogOptions {
  readonly log: Logger;
  /** Share of requests, 0 to 1. */
  readonly sample: number;
  /** Bytes of each body that are kept. @default 16384 */
  readonly maxBytes?: number | undefined;
  /** Members of JSON bodies, and V2 tensors, whose values are not written. @default none */
  readonly redacted?: ReadonlySet<string> | undefined;
  /** @default Math.random */
  readonly random?: (() => number) | undefined;
}

/**
 * The bodies of some requests and of their responses, as they go over the wire (KServe's payload logging, with sampling). Bodies
 * hold what users send, so it is off unless the operator asks for it.
 */
export function createPayloadLog({
  log,
  sample,
  maxBytes = 16_384,
  redacted = new Set(),
  random = Math.random,
}: PayloadLogOptions): ExchangeListener {
  return {
    payload({ requestId, modelName, protocol }, request, response) {
      if (random() >= sample) return;
      const responded = response === undefined ? {} : { response: textOf(response, maxBytes, redacted) };
      log.info(
        { requestId, model: modelName, protocol, request: textOf(request, maxBytes, redacted), ...responded },
        "payload",
      );
    },
  };
}

/** Text as it is, other bytes as base64; what was cut off is counted. */
function textOf(message: WireMessage, maxBytes: number, redacted: ReadonlySet<string>): string {
  const contentType = message.headers["content-type"] ?? "application/json";
  const other = redacted.size === 0 ? undefined : redactBody(message, contentType, redacted);
  const length = other?.length ?? messageLength(message);
  const kept = other?.subarray(0, maxBytes) ?? finish(joinMessage(message, maxBytes));
  const isText = contentType.includes("json") || other !== undefined;
  const text = isText ? kept.toString("utf8") : `base64:${kept.toString("base64")}`;
  return length <= maxBytes ? text : `${text}… (${length - maxBytes} more bytes)`;
}
