import type { Metrics } from "../../observability/metrics.ts";
import type { EndReason, PrimaryMessage, StartReport, WorkerMessage } from "./worker-messages.ts";

/** The channel to the primary: the part of `process` that a forked process has. */
export interface WorkerChannel {
  send(message: WorkerMessage, sent?: () => void): void;
  on(event: "message", listener: (message: PrimaryMessage) => void): unknown;
  off(event: "message", listener: (message: PrimaryMessage) => void): unknown;
}

export interface WorkerLinkOptions {
  readonly channel: WorkerChannel;
  /** The worker's own metrics. */
  readonly metrics: Metrics;
  /** Told by the primary to end. */
  readonly onClose: (reason: EndReason) => void;
}

/** A worker's side: says when it is ready and that it is alive, hears when to end, and shares its metrics. */
export interface WorkerLink {
  /** The worker's own metrics, whose scrape gives those of all workers. */
  readonly metrics: Metrics;
  ready(report: StartReport): void;
  /** From now on the primary hears that the event loop turns, and whether requests may come. */
  beat(isReady: () => Promise<boolean>): void;
  /** Hands over the last counts; nothing is sent or heard afterwards. */
  close(): Promise<void>;
}

const HEARTBEAT_MS = 250;

export function createWorkerLink({ channel, metrics: own, onClose }: WorkerLinkOptions): WorkerLink {
  const waiting = new Map<number, (text: string) => void>();
  let scrapes = 0;
  let timer: NodeJS.Timeout | undefined;
  const collect = async (id: number): Promise<void> =>
    channel.send({ kind: "collected", id, metrics: await own.collect() });
  const onMessage = (message: PrimaryMessage): void => {
    if (message.kind === "close") onClose(message.reason);
    else if (message.kind === "collect") void collect(message.id);
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
    ready: (report) => channel.send({ kind: "ready", report }),
    beat: (isReady) => {
      const beat = async (): Promise<void> => channel.send({ kind: "heartbeat", ready: await isReady() });
      void beat();
      timer = setInterval(() => void beat(), HEARTBEAT_MS).unref();
    },
    close: async () => {
      clearInterval(timer);
      const metrics = await own.collect();
      await new Promise<void>((resolve) => channel.send({ kind: "last", metrics }, () => resolve()));
      channel.off("message", onMessage);
    },
  };
}
