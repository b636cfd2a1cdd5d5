import { setTimeout as delay } from "node:timers/promises";
import type { LoadChannel } from "../load-client.ts";
import type { StartLoad } from "./load.ts";

/** After a failure of the connection: without it, a server that refuses is asked ten thousand times a second. */
const PAUSE_AFTER_FAILURE_MS = 10;

/** So many clients, each of which sends its next request when its last one has ended. */
export function closedLoop(concurrency: number): StartLoad {
  return (client, listener) => {
    let isStopped = false;
    let next = 0;
    const run = async (channel: LoadChannel): Promise<void> => {
      while (!isStopped) {
        const from = performance.now();
        const outcome = await channel.send(next++);
        listener.ended(outcome, performance.now() - from);
        if (outcome.failure !== undefined && !outcome.failure.kind.startsWith("status")) {
          await delay(PAUSE_AFTER_FAILURE_MS);
        }
      }
    };
    const clients = Promise.all(Array.from({ length: concurrency }, () => run(client.open())));
    return {
      waiting: 0,
      stop: async (graceMs) => {
        isStopped = true;
        await Promise.race([clients, delay(graceMs, undefined, { ref: false })]);
      },
    };
  };
}
