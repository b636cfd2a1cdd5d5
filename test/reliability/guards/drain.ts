import { setTimeout as delay } from "node:timers/promises";
import type { Guard } from "./guard.ts";
import { expectFine, until, withGuarded } from "./guarded-server.ts";

/** A request in flight when the server ends gets its response. */
export const drain: Guard = {
  name: "drain",
  setBy: "--shutdown_timeout_seconds",
  promise: "A request in flight when the server ends gets its whole response.",
  exempts: ({ mounted }) => (mounted ? "the host's own server ends it" : undefined),
  hold: (front) =>
    withGuarded(front, {}, async ({ ask, backend, close }) => {
      backend.hold(front.streams ? "in the stream" : undefined);
      const inFlight = ask();
      await until(() => backend.calls === 1);
      let isClosed = false;
      const closing = close().then(() => {
        isClosed = true;
      });
      await delay(100);
      expect(isClosed).toBe(false);
      backend.release();
      expectFine(front, await inFlight);
      await closing;
      return "answered";
    }),
};

/** A client that leaves ends the predictor's call and gives its place to the next. */
export const leaving: Guard = {
  name: "client leaves",
  setBy: "–",
  promise: "A client that leaves ends the call to the predictor and gives its place to the next.",
  hold: (front) =>
    withGuarded(front, { maxConcurrency: 1, maxQueue: 0 }, async ({ ask, backend }) => {
      backend.hold();
      const controller = new AbortController();
      const left = ask({ signal: controller.signal }).catch(() => undefined);
      await until(() => backend.calls === 1);
      controller.abort();
      await left;
      await until(() => backend.left === 1);
      backend.release();
      expectFine(front, await ask());
      return "its place is free";
    }),
};
