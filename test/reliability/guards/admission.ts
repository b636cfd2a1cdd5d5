import type { Guard } from "./guard.ts";
import { expectFine, statusOf, until, withGuarded } from "./guarded-server.ts";

/** One is inside, one waits, the third is refused at once; then both get their response. */
export const admission: Guard = {
  name: "places and queue",
  setBy: "--max_concurrency, --max_queue",
  promise: "Requests beyond those that are answered and those that wait are refused at once with Retry-After.",
  hold: (front) =>
    withGuarded(front, { maxConcurrency: 1, maxQueue: 1 }, async ({ ask, backend }) => {
      backend.hold();
      const first = ask();
      await until(() => backend.calls === 1);
      const others = [ask(), ask()];
      const refused = await Promise.race(others);
      expect(refused).toMatchObject({ status: statusOf(front, "unavailable"), headers: { "retry-after": "1" } });
      expect(backend.calls).toBe(1);
      backend.release();
      expectFine(front, await first);
      const rest = await Promise.all(others);
      expectFine(front, rest[rest.indexOf(refused) === 0 ? 1 : 0] ?? refused);
      expect(backend.calls).toBe(2);
      return refused.status;
    }),
};
