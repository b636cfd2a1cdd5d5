import type { Exchange, ExchangeListener, StageName } from "../inference/exchange-listener.ts";

/**
 * The stages of a request in the response header `Server-Timing` (https://www.w3.org/TR/server-timing/), in milliseconds:
 * `preprocess;dur=4.1, predict;dur=9.8, postprocess;dur=0.1`. Off by default: it tells clients what runs inside.
 */
export function createServerTiming(): ExchangeListener {
  const timings = new WeakMap<Exchange, Map<StageName, number>>();
  return {
    stageEnded(exchange, stage, milliseconds) {
      const listeners = timings.get(exchange) ?? new Map<StageName, number>();
      listeners.set(stage, (listeners.get(stage) ?? 0) + milliseconds);
      timings.set(exchange, listeners);
    },
    responseStarting(exchange) {
      const entries = [...(timings.get(exchange) ?? [])].map(([stage, ms]) => `${stage};dur=${ms.toFixed(2)}`);
      if (entries.length > 0) exchange.responseHeaders["server-timing"] = entries.join(", ");
    },
  };
}
