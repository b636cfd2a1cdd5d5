import type { InferMessage } from "../infer/to-message.ts";

/** Why a request failed. */
export interface RequestFailure {
  /** `status 503`, `grpc UNAVAILABLE`, or what became of the connection: `refused`, `reset`, `timeout`. */
  readonly kind: string;
  /** What the server or the system said, for people. */
  readonly message: string;
}

/** What became of one request. */
export interface Outcome {
  /** Undefined for a success. */
  readonly failure?: RequestFailure;
  /** The response header `Server-Timing`. */
  readonly serverTiming?: string | undefined;
}

/** Carries one request at a time. */
export interface LoadChannel {
  /** Sends the message of this number (modulo their count); a failure is an outcome, never a rejection. */
  send(index: number): Promise<Outcome>;
  /** Ends at once; a request under way fails as `closed`. */
  close(): void;
}

/** Sends the same messages again and again as fast as can be: they are laid out as bytes once, before the load begins. */
export interface LoadClient {
  open(): LoadChannel;
  close(): void;
}

export interface LoadClientOptions {
  /** `http://host:port/base`, without a slash at its end. */
  readonly url: string;
  /** Go along with every message. */
  readonly headers: Readonly<Record<string, string>>;
  readonly messages: readonly InferMessage[];
  /** Of one request, the connecting included. */
  readonly timeoutMs: number;
}
