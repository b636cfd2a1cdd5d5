import type { ExchangeContext } from "../../transformer/exchange-context.ts";
import type { HttpResponse } from "../http/http-message.ts";
import type { ExchangeStrategy } from "./exchange.ts";

/**
 * A request to a model whose body could not be taken out of its compression, its event or its form: it is counted and logged
 * like every other one, and its response is the error.
 */
export class RefusedExchange implements ExchangeStrategy {
  readonly protocol: string;
  readonly #error: unknown;

  constructor(protocol: string, error: unknown) {
    this.protocol = protocol;
    this.#error = error;
  }

  createContext(): ExchangeContext {
    throw this.#error;
  }

  async respond(): Promise<HttpResponse> {
    throw this.#error;
  }
}
