import type { ExchangeListener } from "./exchange-listener.ts";

/** One listener that tells several, in their order; undefined for none, so that nothing is paid where nobody listens. */
export function combineListeners(listeners: readonly ExchangeListener[]): ExchangeListener | undefined {
  if (listeners.length <= 1) return listeners[0];
  const payloads = listeners.filter(({ payload }) => payload !== undefined);
  const observers = listeners.filter(({ observed }) => observed !== undefined);
  return {
    // Its mere presence costs something.
    ...(payloads.length === 0
      ? {}
      : {
          payload: (exchange, request, response, status) => {
            for (const listener of payloads) listener.payload?.(exchange, request, response, status);
          },
        }),
    ...(observers.length === 0
      ? {}
      : {
          observed: (exchange, observation) => {
            for (const listener of observers) listener.observed?.(exchange, observation);
          },
        }),
    queueChanged: (exchange, change) => {
      for (const listener of listeners) listener.queueChanged?.(exchange, change);
    },
    batchJoined: (exchange, batch, waitedMs) => {
      for (const listener of listeners) listener.batchJoined?.(exchange, batch, waitedMs);
    },
    cacheLookedUp: (exchange, outcome, milliseconds) => {
      for (const listener of listeners) listener.cacheLookedUp?.(exchange, outcome, milliseconds);
    },
    requestStarted: (exchange) => {
      for (const listener of listeners) listener.requestStarted?.(exchange);
    },
    stageStarted: (exchange, stage) => {
      for (const listener of listeners) listener.stageStarted?.(exchange, stage);
    },
    stageEnded: (exchange, stage, milliseconds, error) => {
      for (const listener of listeners) listener.stageEnded?.(exchange, stage, milliseconds, error);
    },
    responseStarting: (exchange) => {
      for (const listener of listeners) listener.responseStarting?.(exchange);
    },
    requestEnded: (exchange, outcome) => {
      for (const listener of listeners) listener.requestEnded?.(exchange, outcome);
    },
    predictorHeaders: (exchange, headers) => {
      for (const listener of listeners) listener.predictorHeaders?.(exchange, headers);
    },
    logBindings: (exchange) =>
      Object.assign({}, ...listeners.map((listener) => listener.logBindings?.(exchange) ?? {})) as Record<
        string,
        string
      >,
    downloaded: (exchange, bytes, milliseconds, error) => {
      for (const listener of listeners) listener.downloaded?.(exchange, bytes, milliseconds, error);
    },
  };
}
