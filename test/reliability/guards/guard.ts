import type { Front } from "./fronts.ts";

/** What must hold whichever front a request comes by. */
export interface Guard {
  readonly name: string;
  /** Flag or header that sets it. */
  readonly setBy: string;
  /** What holds, for the page. */
  readonly promise: string;
  /** Why it has no place on a front; undefined where it has to hold. */
  exempts?(front: Front): string | undefined;
  /** Fails where it does not hold; the result is what a client saw, for the page. */
  hold(front: Front): Promise<string>;
}
