import type { Dispatcher } from "undici";
import { deadlineExceeded } from "../../policy/deadline.ts";
import { withoutHopByHop } from "../../policy/hop-by-hop.ts";
import type { ForwardHandle, ForwardHandler, StreamedBody } from "../predictor.ts";
import { failureKind, PredictorFailure, predictorError, transportError } from "../predictor-failure.ts";
import { type RetryBudget, retryDelayMs } from "../retry-budget.ts";
import type { CallOptions, Connection } from "./connection.ts";

/** What all calls of one transport share. */
export interface HttpCallScope {
  /** host:port, for the log. */
  readonly address: string;
  /** Over any connection. */
  dispatch(options: CallOptions, handler: Dispatcher.DispatchHandler): void;
  /** Over a new one. */
  dispatchFresh(options: CallOptions, handler: Dispatcher.DispatchHandler): void;
  readonly retries: number;
  readonly budget: RetryBudget;
}

const ABORTED = new Error("aborted");

/**
 * One call on its way through undici's `dispatch`: the handler object is everything that a request allocates. It knows the
 * overall deadline, tries again when no connection came about or a kept one turned out to be closed, and turns every failure
 * into an InferenceError.
 */
export class HttpCall implements Dispatcher.DispatchHandler, ForwardHandle {
  readonly #scope: HttpCallScope;
  readonly #options: CallOptions;
  readonly #handler: ForwardHandler;
  readonly #timer: NodeJS.Timeout;
  readonly #stream: StreamedBody | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #attempt = 0;
  /** Set by the connection's client. @internal */
  connection: Connection | undefined;
  #isReused = false;
  #isReplayed = false;
  #status = 0;
  #done = false;

  constructor(
    scope: HttpCallScope,
    request: Dispatcher.DispatchOptions,
    handler: ForwardHandler,
    timeoutMs: number,
    stream?: StreamedBody,
  ) {
    this.#scope = scope;
    this.#handler = handler;
    this.#timer = setTimeout(onTimeout, timeoutMs, this, timeoutMs);
    this.#stream = stream;
    // Written out: a spread costs undici, which reads these fields, 5 µs of every request.
    const { method, path, headers } = request;
    const body = stream === undefined ? request.body : timedFromEnd(stream, this.#timer);
    this.#options = { method, path, headers, body, call: this } as CallOptions;
  }

  start(): void {
    this.#scope.dispatch(this.#options, this);
  }

  abort(): void {
    if (this.#done) return;
    this.#finish();
    this.#controller?.abort(ABORTED);
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** Ends the call with an error of our own. @internal */
  fail(error: unknown): void {
    if (this.#done) return;
    this.#finish();
    this.#controller?.abort(ABORTED);
    this.#handler.error(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown, not aborted: the request was never written, so its connection stays whole.
    if (this.#done) throw ABORTED;
    this.#controller = controller;
    this.#isReused = this.connection?.startRequest() === true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#done || (status >= 100 && status < 200)) return;
    // RFC 9110 §15: three digits whose first is 1 to 5.
    if (status < 100 || status > 599) {
      this.fail(predictorError("protocol", `predictor ${this.#scope.address}: status ${status}`));
      return;
    }
    this.#status = status;
    if (status >= 300 && status < 400) {
      const detail = `predictor ${this.#scope.address}: ${status} to ${String(headers["location"])}`;
      this.fail(predictorError("redirect", detail));
      return;
    }
    this.#handler.head(status, withoutHopByHop(headers));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#done && !this.#handler.data(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#done) return;
    this.#finish();
    this.connection?.endResponse(this.#status);
    this.#handler.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: unknown): void {
    if (this.#done || this.#replay(error) || this.#retry(error)) return;
    this.fail(transportError(this.#scope.address, error, this.#status > 0));
  }

  /**
   * Once more, when a kept connection closes before the first byte of a response: the predictor was closing it while the request
   * was on its way (RFC 9112 §9.3.1).
   */
  #replay(error: unknown): boolean {
    if (this.#isReplayed || !this.#isReused || this.#status > 0 || this.connection?.isSilent !== true) return false;
    if (this.#stream?.isWhole === false) return false;
    if (failureKind(error) !== "reset") return false;
    this.#isReplayed = true;
    this.#controller = undefined;
    this.#scope.dispatchFresh(this.#options, this);
    return true;
  }

  /** Another try, when there are tries left and no connection came about: nothing was written, nothing can happen twice. */
  #retry(error: unknown): boolean {
    const { retries, budget } = this.#scope;
    if (this.#attempt >= retries || this.#controller !== undefined) return false;
    const kind = failureKind(error);
    const connectFailed = kind === "dns" || kind === "refused" || kind === "unreachable" || kind === "reset";
    if (!connectFailed || !budget.take()) return false;
    this.#retryTimer = setTimeout(onRetry, retryDelayMs(this.#attempt), this);
    this.#attempt += 1;
    return true;
  }

  #finish(): void {
    this.#done = true;
    clearTimeout(this.#timer);
    if (this.#retryTimer !== undefined) clearTimeout(this.#retryTimer);
  }

  /** @internal */
  get address(): string {
    return this.#scope.address;
  }
}

/** The same bytes; the time begins anew with each chunk, so that a slow client does not use up the predictor's. */
function timedFromEnd(stream: StreamedBody, timer: NodeJS.Timeout): Dispatcher.DispatchOptions["body"] {
  const chunks = {
    async *[Symbol.asyncIterator]() {
      for await (const chunk of stream) {
        timer.refresh();
        yield chunk;
      }
      timer.refresh();
    },
  };
  // undici takes any iterable of chunks; its types know streams only.
  return chunks as unknown as Dispatcher.DispatchOptions["body"];
}

function onRetry(call: HttpCall): void {
  call.start();
}

function onTimeout(call: HttpCall, timeoutMs: number): void {
  const detail = `predictor ${call.address}: timeout: no whole response within ${timeoutMs} ms`;
  call.fail(deadlineExceeded(timeoutMs, new PredictorFailure("timeout", detail)));
}
