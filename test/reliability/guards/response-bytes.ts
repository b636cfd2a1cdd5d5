import type { Guard } from "./guard.ts";
import { expectFine, statusOf, withGuarded } from "./guarded-server.ts";

/** What a hook reads of a predictor is bounded; what nobody reads is never held. */
export const responseBytes: Guard = {
  name: "bytes of a response",
  setBy: "--max_response_bytes",
  promise: "A response, or one event of a stream, that a hook reads is held up to the limit only.",
  exempts: ({ hooked }) => (hooked ? undefined : "streamed through, never held"),
  hold: (front) =>
    withGuarded(front, { limits: { maxResponseBytes: 1000 } }, async ({ ask, backend }) => {
      backend.padding = 5000;
      const { status, body } = await ask();
      if (front.streams) expect(body).toMatch(/^data: \{"error":.*"bad_gateway"/);
      else expect(status).toBe(statusOf(front, "bad_gateway"));
      backend.padding = 0;
      expectFine(front, await ask());
      return front.streams ? `${status}, an error event` : status;
    }),
};
