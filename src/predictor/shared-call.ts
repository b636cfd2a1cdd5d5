import { InferenceError } from "../errors.ts";
import { cancellation } from "../policy/deadline.ts";

/**
 * One call that several requests wait for. A request that leaves takes nothing from the others; when all have left, the call
 * is aborted.
 */
export class SharedCall {
  readonly #controller: AbortController = new AbortController();
  #waiting = 0;

  /** The call's own signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The outcome for one of them. @throws InferenceError cancelled or deadline_exceeded when its own signal is aborted. */
  follow<T>(outcome: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal?.removeEventListener("abort", onAbort);
        this.#waiting -= 1;
      };
      const onAbort = (): void => {
        leave();
        reject(cancellation(signal));
        if (this.#waiting > 0) return;
        this.#controller.abort(new InferenceError("all clients left", { code: "cancelled" }));
      };
      if (signal?.aborted) {
        onAbort();
        return;
      }
      signal?.addEventListener("abort", onAbort, { once: true });
      outcome.then(resolve, reject).finally(() => {
        if (signal?.aborted !== true) leave();
      });
    });
  }
}

/** Headers that differ between requests without meaning anything to the model; all others must be equal to share a call. */
const OWN_OF_A_REQUEST: ReadonlySet<string> = new Set([
  "x-request-id",
  "traceparent",
  "tracestate",
  "baggage",
  "grpc-timeout",
  "x-request-timeout-ms",
  "user-agent",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-forwarded-for",
]);

/** One caller's deadline, which must not end the call of the others. */
const DEADLINES: ReadonlySet<string> = new Set(["grpc-timeout", "x-request-timeout-ms"]);

/** Headers of a call for several requests: the first one's, without its deadline. */
export function headersForAll(headers: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !DEADLINES.has(name)));
}

/** What has to be equal in the headers of requests that share a call: credentials and tenants among it. */
export function sharedHeaders(headers: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(headers ?? {}).filter(([name]) => !OWN_OF_A_REQUEST.has(name));
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
