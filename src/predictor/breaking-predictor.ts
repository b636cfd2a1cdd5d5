import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";
import { InferenceError } from "../errors.ts";
import type { Predictor } from "./predictor.ts";

export interface BreakerOptions {
  /** Failures in a row that open the circuit. */
  readonly failures: number;
  /** How long it stays open before one call tries again. */
  readonly openMs: number;
}

/**
 * A predictor around a predictor: after some failures in a row (502, 503, 504; a client's mistakes and 429 are none) calls are
 * refused at once with 503 and Retry-After, until one call that is let through succeeds. Bodies take the way over `infer`, so
 * that each is counted; generate and OpenAI routes are not watched.
 */
export function createBreakingPredictor(predictor: Predictor, { failures, openMs }: BreakerOptions): Predictor {
  const policy = circuitBreaker(handleWhen(isFailure), {
    halfOpenAfter: openMs,
    breaker: new ConsecutiveBreaker(failures),
  });
  const { proxy } = predictor;
  return {
    description: predictor.description,
    ...(predictor.modelName === undefined ? {} : { modelName: predictor.modelName }),
    ...(proxy === undefined ? {} : { proxy: proxy.bind(predictor) }),
    infer: (request, options) =>
      policy
        .execute(() => predictor.infer(request, options))
        .catch((error: unknown) => {
          throw error instanceof BrokenCircuitError ? refusal(openMs, error) : error;
        }),
    ready: (options) => predictor.ready(options),
    metadata: (options) => predictor.metadata(options),
    close: () => predictor.close(),
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
