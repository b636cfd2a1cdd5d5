import { InferenceError } from "../../errors.ts";
import { cancellation } from "../../policy/deadline.ts";
import type { ForwardHandle, ForwardHandler, Predictor, ProxyRequest } from "../predictor.ts";

/** Bytes that may wait for a slow reader before the predictor is asked to pause. */
const HIGH_WATER_BYTES = 256 * 1024;

/** A response whose head has come and whose body streams, with back-pressure; reading stops the call when it is left early. */
export interface ProxiedResponse {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Sends a request to any path of the predictor's server.
 * @throws InferenceError unimplemented when the predictor has no such paths; unavailable, deadline_exceeded, cancelled.
 */
export function sendThrough(
  predictor: Predictor | undefined,
  request: ProxyRequest,
  signal: AbortSignal,
): Promise<ProxiedResponse> {
  const { proxy } = predictor ?? {};
  if (proxy === undefined) {
    throw new InferenceError("this model has no predictor behind HTTP to pass the request on to", {
      code: "unimplemented",
    });
  }
  return new Promise((resolve, reject) => {
    const stream = new ResponseStream(resolve, reject, signal);
    stream.handle = proxy(request, stream);
    if (signal.aborted) stream.cancel();
    else signal.addEventListener("abort", stream.cancel, { once: true });
  });
}

class ResponseStream implements ForwardHandler, AsyncIterable<Uint8Array> {
  handle: ForwardHandle | undefined;
  readonly #resolve: (response: ProxiedResponse) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: AbortSignal;
  readonly #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(resolve: (response: ProxiedResponse) => void, reject: (error: unknown) => void, signal: AbortSignal) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
  }

  head(status: number, headers: Record<string, string | string[]>): void {
    this.#resolve({ status, headers, body: this });
  }

  data(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    this.#wake?.();
    return this.#waitingBytes < HIGH_WATER_BYTES;
  }

  end(): void {
    this.#finish();
  }

  error(error: unknown): void {
    this.#failure = error;
    this.#finish();
    this.#reject(error);
  }

  readonly cancel = (): void => {
    if (this.#ended) return;
    this.handle?.abort();
    this.error(cancellation(this.#signal));
  };

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#waitingBytes -= chunk.byteLength;
          if (this.#waitingBytes < HIGH_WATER_BYTES) this.handle?.resume();
          yield chunk;
        } else if (this.#failure !== undefined) throw this.#failure;
        else if (this.#ended) return;
        else await this.#more();
      }
    } finally {
      if (!this.#ended) {
        this.handle?.abort();
        this.#finish();
      }
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #finish(): void {
    this.#ended = true;
    this.#signal.removeEventListener("abort", this.cancel);
    this.#wake?.();
  }
}
