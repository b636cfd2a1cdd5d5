import type { Ask } from "./clients.ts";
import type { Front } from "./fronts.ts";
import type { Guard } from "./guard.ts";
import { expectFine, statusOf, until, withGuarded } from "./guarded-server.ts";

/** Long enough for the next request on a busy machine. */
const MILLISECONDS = 400;

/** A predictor that says nothing: the client gets its error, the predictor's call ends, and the next request is as ever. */
function holdDeadline(front: Front, requestTimeoutMs: number, ask: Ask): Promise<string> {
  return withGuarded(front, { requestTimeoutMs }, async (guarded) => {
    const { backend } = guarded;
    backend.hold();
    const late = await guarded.ask(ask);
    expect(late.status).toBe(statusOf(front, "deadline_exceeded"));
    await until(() => backend.left === 1);
    backend.release();
    expectFine(front, await guarded.ask());
    return late.status;
  });
}

export const deadline: Guard = {
  name: "deadline",
  setBy: "--request_timeout_seconds",
  promise: "The client gets its error in time, the call to the predictor ends, the next request is answered.",
  hold: (front) => holdDeadline(front, MILLISECONDS, {}),
};

export const clientDeadline: Guard = {
  name: "client's own deadline",
  setBy: "x-request-timeout-ms, grpc-timeout",
  promise: "The same for the client's own deadline.",
  exempts: ({ page }) => (page ? "the page sends none" : undefined),
  hold: (front) => holdDeadline(front, 60_000, { headers: { "x-request-timeout-ms": String(MILLISECONDS) } }),
};

/** The deadline counts until the last byte. */
export const streamDeadline: Guard = {
  name: "deadline within a response",
  setBy: "--request_timeout_seconds",
  promise: "A stream that has begun ends at the deadline as well.",
  exempts: ({ streams }) => (streams ? undefined : "no stream"),
  hold: (front) =>
    withGuarded(front, { requestTimeoutMs: MILLISECONDS }, async ({ ask, backend }) => {
      backend.hold("in the stream");
      const { status, body } = await ask();
      expect(body).toMatch(/deadline_exceeded|\(broken off\)$/);
      await until(() => backend.left === 1);
      return `${status}, ${body.includes("deadline_exceeded") ? "an error event" : "broken off"}`;
    }),
};
