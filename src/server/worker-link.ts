import type { Metrics } from "../observability/metrics.ts";
import type { PrimaryMessage, WorkerMessage } from "./worker-messages.ts";

/** The channel to the primary: the part of `process` that a forked process has. */
export interface WorkerChannel {
  send(message: WorkerMessage): void;
  on(event: "message", listener: (message: PrimaryMessage) => void): unknown;
  off(event: "message", listener: (message: PrimaryMessage) => void): unknown;
}

/** A worker's side: says when it is ready, hears when to end, and shares its metrics. */
export interface WorkerLink {
  /** The worker's own metrics, whose scrape gives those of all workers. */
  readonly metrics: Metrics;
  ready(): void;
  close(): void;
}

export function createWorkerLink(channel: WorkerChannel, own: Metrics, onClose: () => void): WorkerLink {
  const waiting = new Map<number, (text: string) => void>();
  let scrapes = 0;
  const onMessage = (message: PrimaryMessage): void => {
    if (message.kind === "close") onClose();
    else if (message.kind === "collect") void collect(channel, own, message.id);
    else {
      waiting.get(message.id)?.(message.text);
      waiting.delete(message.id);
    }
  };
  channel.on("message", onMessage);
  const scrape = (): Promise<string> =>
    new Promise((resolve) => {
      scrapes += 1;
      waiting.set(scrapes, resolve);
      channel.send({ kind: "scrape", id: scrapes });
    });
  return {
    metrics: { ...own, scrape },
    ready: () => channel.send({ kind: "ready" }),
    close: () => void channel.off("message", onMessage),
  };
}

async function collect(channel: WorkerChannel, { registry }: Metrics, id: number): Promise<void> {
  channel.send({ kind: "collected", id, metrics: await registry.getMetricsAsJSON() });
}
