import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from "cockatiel";
import { InferenceError } from "../errors.ts";
import { aroundPredictor } from "./around-predictor.ts";
import type { ForwardHandle, Predictor } from "./predictor.ts";

export interface BreakerOptions {
  /** Failures in a row that open the circuit. */
  readonly failures: number;
  /** How long it stays open before one call tries again. */
  readonly openMs: number;
}

/**
 * A predictor around a predictor: after some failures in a row (502, 503, 504; a client's mistakes and 429 are none) calls are
 * refused at once with 503 and Retry-After, until one call that is let through succeeds. Bodies take the way over `infer`, so
 * that each is counted; calls of generate and OpenAI's routes count by their status.
 */
export function createBreakingPredictor(predictor: Predictor, { failures, openMs }: BreakerOptions): Predictor {
  const policy = circuitBreaker(handleWhen(isFailure), {
    halfOpenAfter: openMs,
    breaker: new ConsecutiveBreaker(failures),
  });
  const { proxy } = predictor;
  const infer: Predictor["infer"] = (request, options) =>
    policy
      .execute(() => predictor.infer(request, options))
      .catch((error: unknown) => {
        throw error instanceof BrokenCircuitError ? refusal(openMs, error) : error;
      });
  const guarded = proxy && { proxy: guardProxy(proxy.bind(predictor), policy, openMs) };
  return aroundPredictor(predictor, { infer, ...guarded });
}

type Proxy = NonNullable<Predictor["proxy"]>;

/** The same guard for calls whose response streams: a call has succeeded or failed once its status has come. */
function guardProxy(proxy: Proxy, policy: CircuitBreakerPolicy, openMs: number): Proxy {
  return (request, handler) => {
    let handle: ForwardHandle | undefined;
    let aborted = false;
    const call = policy.execute(
      () =>
        new Promise<void>((resolve, reject) => {
          handle = proxy(request, {
            head: (status, headers) => {
              if (status >= 502 && status <= 504) reject(new InferenceError(`status ${status}`, { status }));
              else resolve();
              handler.head(status, headers);
            },
            data: (chunk) => handler.data(chunk),
            end: () => handler.end(),
            error: (error) => {
              reject(error);
              handler.error(error);
            },
          });
          if (aborted) handle.abort();
        }),
    );
    call.catch((error: unknown) => {
      // Everything else has reached the handler already.
      if (error instanceof BrokenCircuitError) handler.error(refusal(openMs, error));
    });
    return {
      abort: () => {
        aborted = true;
        handle?.abort();
      },
      resume: () => handle?.resume(),
    };
  };
}

function isFailure(error: unknown): boolean {
  return InferenceError.isInstance(error) && error.status >= 502 && error.status <= 504;
}

function refusal(openMs: number, cause: Error): InferenceError {
  return new InferenceError("predictor unavailable: it failed several times in a row and is given time to recover", {
    code: "unavailable",
    headers: { "retry-after": String(Math.max(1, Math.ceil(openMs / 1000))) },
    cause,
  });
}
