import { createBreakingPredictor } from "../../../src/predictor/breaking-predictor.ts";
import type { Guard } from "./guard.ts";
import { statusOf, withGuarded } from "./guarded-server.ts";

/** After two failures the predictor is left alone. */
export const circuitBreaker: Guard = {
  name: "circuit breaker",
  setBy: "--predictor_breaker_failures",
  promise: "A predictor that failed several times in a row is left alone; responses come at once, with Retry-After.",
  hold: (front) =>
    withGuarded(
      front,
      { around: (predictor) => createBreakingPredictor(predictor, { failures: 2, openMs: 60_000 }) },
      async ({ ask, backend }) => {
        backend.status = 503;
        await ask();
        await ask();
        backend.status = 200;
        const refused = await ask();
        expect(refused).toMatchObject({ status: statusOf(front, "unavailable"), headers: { "retry-after": "60" } });
        expect(backend.calls).toBe(2);
        return refused.status;
      },
    ),
};
