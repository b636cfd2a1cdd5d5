import { InferenceError } from "../../errors.ts";
import type { Exchange, ExchangeListener } from "../../inference/exchange-listener.ts";
import { isLogged } from "../../server/exchange/log-error.ts";

/** A line a request for people: status, what was asked, how long it took and where, and the error's message. */
export function createRequestLines(
  print: (line: string) => void,
  now: () => Date = () => new Date(),
): ExchangeListener {
  const stages = new WeakMap<Exchange, string[]>();
  return {
    requestStarted: (exchange) => void stages.set(exchange, []),
    stageEnded: (exchange, stage, milliseconds) => void stages.get(exchange)?.push(`${stage} ${round(milliseconds)}`),
    requestEnded: (exchange, { status, milliseconds, error }) => {
      const { verb, modelName, protocol } = exchange;
      const where = stages.get(exchange)?.join(", ") ?? "";
      // The server's own errors are in the log, with the line that they come from.
      const isTold = error === undefined || isLogged(InferenceError.from(error));
      const failure = isTold ? "" : `  ${InferenceError.from(error).message}`;
      const clock = now().toISOString().slice(11, 23);
      const parts = where === "" ? "" : ` (${where})`;
      print(`${clock} ${status} ${protocol} ${verb} ${modelName}  ${round(milliseconds)} ms${parts}${failure}\n`);
    },
  };
}

function round(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 10 ? 1 : 0);
}
