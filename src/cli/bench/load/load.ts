import type { LoadClient, Outcome } from "../load-client.ts";

/** What a load tells of itself while it runs. */
export interface LoadListener {
  ended(outcome: Outcome, milliseconds: number): void;
  /** A request went out so much later than due, although a connection was free. */
  sentLate?(milliseconds: number): void;
}

/** Requests under way, until it is stopped. */
export interface Load {
  /** Requests that are due and not sent. */
  readonly waiting: number;
  /** Sends no more; resolves once what is under way has ended, or the time is over. The client is then to be closed. */
  stop(graceMs: number): Promise<void>;
}

export type StartLoad = (client: LoadClient, listener: LoadListener) => Load;
