import { cancellation } from "../../policy/deadline.ts";
import type { ForwardHandle, ForwardHandler } from "../predictor.ts";
import { predictorError } from "../predictor-failure.ts";
import type { HttpClientResponse } from "./http-client.ts";

/** Collects a response within a bound; a longer one is refused before it is held in memory. */
export class ResponseCollector implements ForwardHandler {
  readonly response: Promise<HttpClientResponse>;
  readonly #address: string;
  readonly #maxBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#refuse(cancellation(this.#signal));
  readonly #chunks: Uint8Array[] = [];
  #resolve: (response: HttpClientResponse) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #handle: ForwardHandle | undefined;
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #bytes = 0;

  constructor(address: string, maxBytes: number, signal: AbortSignal | undefined) {
    this.#address = address;
    this.#maxBytes = maxBytes;
    this.#signal = signal;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ties the call to the signal. */
  follow(handle: ForwardHandle): void {
    this.#handle = handle;
    if (this.#signal?.aborted) this.#onAbort();
    else this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  head(status: number, headers: Record<string, string | string[]>): void {
    this.#status = status;
    this.#headers = joinValues(headers);
    if (Number(this.#headers["content-length"] ?? 0) > this.#maxBytes) this.#refuse(this.#tooLarge());
  }

  data(chunk: Uint8Array): boolean {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#maxBytes) this.#refuse(this.#tooLarge());
    else this.#chunks.push(chunk);
    return true;
  }

  end(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#resolve({ status: this.#status, headers: this.#headers, body: this.#chunks });
  }

  error(error: unknown): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#reject(error);
  }

  #refuse(error: unknown): void {
    this.#handle?.abort();
    this.error(error);
  }

  #tooLarge(): unknown {
    return responseTooLarge(this.#address, this.#maxBytes);
  }
}

/** The error for a response beyond the limit: 502, and it names the limit. */
export function responseTooLarge(address: string, maxBytes: number): Error {
  const message = `the predictor's response is larger than ${maxBytes} bytes (max_response_bytes)`;
  return predictorError(
    "too_large",
    `predictor ${address}: response larger than ${maxBytes} bytes`,
    undefined,
    message,
  );
}

function joinValues(headers: Record<string, string | string[]>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) joined[name] = typeof value === "string" ? value : value.join(", ");
  }
  return joined;
}
