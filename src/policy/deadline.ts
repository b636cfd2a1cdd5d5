import { InferenceError } from "../errors.ts";

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The largest delay of a timer; what is longer never ends. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * The client's own deadline in milliseconds, undefined where it set none: the shorter of `grpc-timeout` (at most eight digits
 * and a unit of H M S m u n, https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) and `x-request-timeout-ms` (a
 * whole number). A value that is neither is as if it had not been sent: a deadline is advice, not content.
 */
export function parseTimeout(headers: Headers): number | undefined {
  const grpc = /^(\d{1,8})([HMSmun])$/.exec(text(headers["grpc-timeout"]));
  const plain = /^\d{1,15}$/.exec(text(headers["x-request-timeout-ms"]));
  if (grpc === null && plain === null) return undefined;
  const fromGrpc = grpc === null ? Number.POSITIVE_INFINITY : Number(grpc[1]) * (UNIT_MS[grpc[2] ?? ""] ?? 1);
  const fromPlain = plain === null ? Number.POSITIVE_INFINITY : Number(plain[0]);
  return Math.ceil(Math.min(fromGrpc, fromPlain));
}

function text(value: string | readonly string[] | undefined): string {
  return typeof value === "string" ? value : (value?.[0] ?? "");
}

/** The shorter of a limit (0 is none) and the client's own deadline; 0 when there is neither. */
export function shorterTimeout(limitMs: number, headers: Headers): number {
  const own = parseTimeout(headers);
  if (own === undefined) return limitMs;
  return limitMs === 0 ? Math.max(own, 1) : Math.min(limitMs, Math.max(own, 1));
}

/** A signal that must be closed, or its timer and its listener live on until the time is over. */
export interface Deadline {
  /** Aborted with an InferenceError: `deadline_exceeded` when the time is over, `cancelled` when the parent was aborted. */
  readonly signal: AbortSignal;
  close(): void;
}

/**
 * Calls back once the client has left, at once where it has left already. Fronts give this beside their signal, since a second
 * signal and its listener cost a small request with hooks a twentieth of its CPU.
 */
export type OnLeave = (listener: (reason: InferenceError) => void) => void;

/**
 * One signal for "the client has left" and "the time is over", the shorter of `timeoutMs` (0 is none) and the client's own
 * deadline in `headers`.
 */
export function composeDeadline(
  parent: AbortSignal | OnLeave | undefined,
  headers: Headers,
  timeoutMs: number,
): Deadline {
  return new ComposedDeadline(parent, shorterTimeout(timeoutMs, headers));
}

class ComposedDeadline implements Deadline {
  readonly #controller: AbortController = new AbortController();
  #parent: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  readonly #onParentAbort = (): void => this.#end(cancellation(this.#parent));

  constructor(parent: AbortSignal | OnLeave | undefined, timeoutMs: number) {
    if (typeof parent === "function") parent((reason) => this.#end(reason));
    else this.#follow(parent);
    if (!this.#isClosed && timeoutMs > 0 && timeoutMs <= MAX_TIMER_MS) {
      this.#timer = setTimeout(() => this.#end(deadlineExceeded(timeoutMs)), timeoutMs);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#parent?.removeEventListener("abort", this.#onParentAbort);
  }

  #follow(parent: AbortSignal | undefined): void {
    this.#parent = parent;
    if (parent?.aborted) this.#onParentAbort();
    else parent?.addEventListener("abort", this.#onParentAbort, { once: true });
  }

  #end(reason: InferenceError): void {
    if (this.#isClosed) return;
    this.close();
    this.#controller.abort(reason);
  }
}

export function deadlineExceeded(timeoutMs: number, cause?: unknown): InferenceError {
  return new InferenceError(`no response within ${timeoutMs} ms`, { code: "deadline_exceeded", cause });
}

/** What an aborted signal means: the InferenceError it was aborted with, else that the client left. */
export function cancellation(signal: AbortSignal | undefined): InferenceError {
  const reason: unknown = signal?.reason;
  if (InferenceError.isInstance(reason)) return reason;
  return new InferenceError("the request was cancelled", { code: "cancelled", cause: reason });
}

/**
 * The promise's outcome, or the rejection that an aborted signal stands for, whichever is first; what the promise does
 * afterwards is nobody's concern.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.reject(cancellation(signal));
  }
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(cancellation(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener("abort", onAbort);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener("abort", onAbort);
        reject(error);
      },
    );
  });
}
