import type { ExchangeListener } from "./exchange-listener.ts";

type Event = keyof ExchangeListener;
type Listening<E extends Event> = ExchangeListener & Required<Pick<ExchangeListener, E>>;

/**
 * One listener that tells several, in their order; undefined for none, so that nothing is paid where nobody listens. It has the
 * events that one of them listens to and no others: the mere presence of some costs something.
 */
export function combineListeners(listeners: readonly ExchangeListener[]): ExchangeListener | undefined {
  if (listeners.length <= 1) return listeners[0];
  const told = <E extends Event>(
    event: E,
    tell: (all: readonly Listening<E>[]) => Required<ExchangeListener>[E],
  ): Pick<ExchangeListener, E> | undefined => {
    const all = listeners.filter((listener): listener is Listening<E> => listener[event] !== undefined);
    return all.length === 0 ? undefined : ({ [event]: tell(all) } as Pick<ExchangeListener, E>);
  };
  return {
    ...told("requestStarted", (all) => (exchange) => {
      for (const listener of all) listener.requestStarted(exchange);
    }),
    ...told("stageStarted", (all) => (exchange, stage) => {
      for (const listener of all) listener.stageStarted(exchange, stage);
    }),
    ...told("stageEnded", (all) => (exchange, stage, milliseconds, error) => {
      for (const listener of all) listener.stageEnded(exchange, stage, milliseconds, error);
    }),
    ...told("responseStarting", (all) => (exchange) => {
      for (const listener of all) listener.responseStarting(exchange);
    }),
    ...told("requestEnded", (all) => (exchange, outcome) => {
      for (const listener of all) listener.requestEnded(exchange, outcome);
    }),
    ...told("queueChanged", (all) => (exchange, change) => {
      for (const listener of all) listener.queueChanged(exchange, change);
    }),
    ...told("batchJoined", (all) => (exchange, batch, waitedMs) => {
      for (const listener of all) listener.batchJoined(exchange, batch, waitedMs);
    }),
    ...told("cacheLookedUp", (all) => (exchange, outcome, milliseconds) => {
      for (const listener of all) listener.cacheLookedUp(exchange, outcome, milliseconds);
    }),
    ...told("payload", (all) => (exchange, request, response, status) => {
      for (const listener of all) listener.payload(exchange, request, response, status);
    }),
    ...told("predictorHeaders", (all) => (exchange, headers) => {
      for (const listener of all) listener.predictorHeaders(exchange, headers);
    }),
    ...told(
      "logBindings",
      (all) => (exchange) =>
        Object.assign({}, ...all.map((listener) => listener.logBindings(exchange))) as Record<string, string>,
    ),
    ...told("downloaded", (all) => (exchange, bytes, milliseconds, error) => {
      for (const listener of all) listener.downloaded(exchange, bytes, milliseconds, error);
    }),
    ...told("observed", (all) => (exchange, observation) => {
      for (const listener of all) listener.observed(exchange, observation);
    }),
  };
}
