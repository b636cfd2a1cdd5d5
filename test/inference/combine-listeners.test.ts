import { combineListeners } from "../../src/inference/combine-listeners.ts";
import type { Exchange, ExchangeListener } from "../../src/inference/exchange-listener.ts";

const EXCHANGE: Exchange = {
  requestId: "1",
  modelName: "m",
  verb: "predict",
  protocol: "v1",
  requestHeaders: {},
  responseHeaders: {},
};

/** Every event, with the number of values that come with it. */
const VALUES: Readonly<Record<keyof ExchangeListener, number>> = {
  requestStarted: 1,
  stageStarted: 2,
  stageEnded: 4,
  responseStarting: 1,
  requestEnded: 2,
  queueChanged: 2,
  batchJoined: 3,
  cacheLookedUp: 3,
  payload: 4,
  predictorHeaders: 2,
  logBindings: 1,
  downloaded: 4,
  observed: 2,
};

const ALL = Object.keys(VALUES) as (keyof ExchangeListener)[];

describe("combined listeners", () => {
  test("hear of the events that one of them listens to, and of no others", () => {
    expect(combineListeners([])).toBeUndefined();
    expect(Object.keys(combineListeners([{}, {}]) ?? {})).toEqual([]);
    for (const event of ALL) {
      const combined = combineListeners([{ [event]: () => undefined }, {}]);
      expect(Object.keys(combined ?? {})).toEqual([event]);
    }
  });

  test("are told in their order, with all that there is to tell", () => {
    const told: unknown[] = [];
    const listener = (name: string): ExchangeListener =>
      Object.fromEntries(
        ALL.map((event) => [
          event,
          (...values: unknown[]) => {
            told.push([name, event, ...values]);
            return { [name]: event };
          },
        ]),
      );
    const combined = combineListeners([listener("a"), listener("b")]) as Required<ExchangeListener>;
    for (const event of ALL) {
      const values = [EXCHANGE, "one", "two", "three"].slice(0, VALUES[event]);
      const tell = combined[event] as (...all: unknown[]) => unknown;
      const result = tell(...values);
      expect(told.splice(0)).toEqual(["a", "b"].map((name) => [name, event, ...values]));
      if (event === "logBindings") expect(result).toEqual({ a: event, b: event });
    }
  });
});
