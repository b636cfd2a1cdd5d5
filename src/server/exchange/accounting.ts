import { InferenceError } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import { byteLength } from "../../tensor/join-parts.ts";
import type { ExchangeContext } from "../../transformer/exchange-context.ts";
import { type HttpResponse, isPieced, isStream } from "../http/http-message.ts";
import type { ModelServer } from "../model-server.ts";
import { logError } from "./log-error.ts";

/** How an exchange ended. */
interface End {
  /** @default the error's own, else 200 */
  readonly status?: number;
  readonly error?: InferenceError;
  readonly response?: WireMessage;
  readonly responseBytes?: number;
}

/** Tells the listeners when an exchange begins and, once, how it ended; a stream ends when its last byte is out. */
export class Accounting {
  readonly #server: ModelServer;
  readonly #context: ExchangeContext;
  readonly #request: WireMessage;
  readonly #started = performance.now();
  readonly #atEnd: (() => void)[] = [];
  #failure: InferenceError | undefined;
  #ended = false;

  constructor(server: ModelServer, context: ExchangeContext, request: WireMessage) {
    this.#server = server;
    this.#context = context;
    this.#request = request;
    server.listeners?.requestStarted?.(context);
  }

  /** Runs when the exchange is over, however it ends. */
  atEnd(run: () => void): void {
    this.#atEnd.push(run);
  }

  /** A failure after the head is out, which no status can tell of any more: logged, and counted at the end. */
  fail(error: InferenceError): void {
    this.#failure ??= error;
    logError(error, this.#context.requestId, this.#server.options.log);
  }

  /** Whole responses are over at once; a stream is counted, and ends with its last byte or when the client leaves. */
  follow(response: HttpResponse): HttpResponse {
    const { status, body } = response;
    if (isStream(body)) {
      // A stream that nobody begins to read ends with the client, too.
      const leave = (): void => this.end({ error: new InferenceError("the client left", { code: "cancelled" }) });
      this.#context.signal.addEventListener("abort", leave, { once: true });
      return { ...response, body: this.#count(response, body) };
    }
    const headers = response.headers as Record<string, string>;
    if (isPieced(body)) {
      const message = {
        headers,
        get body() {
          return body.whole();
        },
        pieces: body,
      };
      this.end({ status, response: message, responseBytes: body.byteLength });
    } else {
      this.end({ status, response: { headers, body }, responseBytes: byteLength(body) });
    }
    return response;
  }

  end({ error = this.#failure, status = error?.status ?? 200, response, responseBytes = 0 }: End): void {
    if (this.#ended) return;
    this.#ended = true;
    const { listeners } = this.#server;
    const context = this.#context;
    context.close();
    for (const run of this.#atEnd) run();
    listeners?.payload?.(context, this.#request, response, status);
    const requestBytes = byteLength(this.#request.body);
    const milliseconds = performance.now() - this.#started;
    const failure = error === undefined ? {} : { error };
    listeners?.requestEnded?.(context, { status, milliseconds, requestBytes, responseBytes, ...failure });
  }

  async *#count(
    { status, headers }: HttpResponse,
    body: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const kept: Uint8Array[] = [];
    const keeps = this.#server.listeners?.payload !== undefined;
    let bytes = 0;
    let error = new InferenceError("the client left", { code: "cancelled" });
    let complete = false;
    try {
      for await (const chunk of body) {
        bytes += chunk.byteLength;
        if (keeps && bytes <= this.#server.options.limits.maxResponseBytes) kept.push(chunk);
        yield chunk;
      }
      complete = true;
    } catch (thrown) {
      error = InferenceError.from(thrown);
      this.fail(error);
      throw thrown;
    } finally {
      const response = keeps ? { headers: headers as Record<string, string>, body: kept } : undefined;
      const how = complete ? (this.#failure === undefined ? { status } : {}) : { error };
      this.end({ ...how, ...(response && { response }), responseBytes: bytes });
    }
  }
}
