import { setTimeout as delay } from "node:timers/promises";
import type { LoadChannel } from "../load-client.ts";
import type { StartLoad } from "./load.ts";

/** Failures to connect take no time: without a pause, a server that refuses is asked ten thousand times a second. */
const FAILED_TO_CONNECT: ReadonlySet<string> = new Set(["refused", "unreachable", "dns", "tls", "closed"]);
const PAUSE_MS = 10;

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
        if (outcome.failure !== undefined && FAILED_TO_CONNECT.has(outcome.failure.kind)) await delay(PAUSE_MS);
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
