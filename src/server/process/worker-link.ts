import type { Metrics } from "../../observability/metrics.ts";
import type { ModelCounts } from "../../observability/statistics/model-counts.ts";
import type { Statistics } from "../../observability/statistics/statistics.ts";
import type { EndReason, PrimaryMessage, StartReport, WorkerCounts, WorkerMessage } from "./worker-messages.ts";

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
  /** The worker's own statistics. */
  readonly statistics: Statistics;
  /** Told by the primary to end. */
  readonly onClose: (reason: EndReason) => void;
}

/** A worker's side: says when it is ready and that it is alive, hears when to end, and shares what it counts. */
export interface WorkerLink {
  /** The worker's own metrics, whose scrape gives those of all workers. */
  readonly metrics: Metrics;
  /** The worker's own statistics, whose total is that of all workers. */
  readonly statistics: Statistics;
  ready(report: StartReport): void;
  /** From now on the primary hears that the event loop turns, and whether requests may come. */
  beat(isReady: () => Promise<boolean>): void;
  /** Hands over the last counts; nothing is sent or heard afterwards. */
  close(): Promise<void>;
}

const HEARTBEAT_MS = 250;

export function createWorkerLink({ channel, metrics, statistics, onClose }: WorkerLinkOptions): WorkerLink {
  const scrapes = new Map<number, (text: string) => void>();
  const totals = new Map<number, (counts: readonly ModelCounts[]) => void>();
  let questions = 0;
  let timer: NodeJS.Timeout | undefined;
  const counts = async (): Promise<WorkerCounts> => ({
    metrics: await metrics.collect(),
    statistics: statistics.counts(),
  });
  const collect = async (id: number): Promise<void> => channel.send({ kind: "collected", id, counts: await counts() });
  const onMessage = (message: PrimaryMessage): void => {
    if (message.kind === "close") onClose(message.reason);
    else if (message.kind === "collect") void collect(message.id);
    else if (message.kind === "scraped") take(scrapes, message.id)?.(message.text);
    else take(totals, message.id)?.(message.statistics);
  };
  channel.on("message", onMessage);
  const ask = <Told>(kind: "scrape" | "total", waiting: Map<number, (told: Told) => void>): Promise<Told> =>
    new Promise((resolve) => {
      questions += 1;
      waiting.set(questions, resolve);
      channel.send({ kind, id: questions });
    });
  return {
    metrics: { ...metrics, scrape: () => ask("scrape", scrapes) },
    statistics: { ...statistics, total: () => ask("total", totals) },
    ready: (report) => channel.send({ kind: "ready", report }),
    beat: (isReady) => {
      const beat = async (): Promise<void> => channel.send({ kind: "heartbeat", ready: await isReady() });
      void beat();
      timer = setInterval(() => void beat(), HEARTBEAT_MS).unref();
    },
    close: async () => {
      clearInterval(timer);
      const last = await counts();
      await new Promise<void>((resolve) => channel.send({ kind: "last", counts: last }, () => resolve()));
      channel.off("message", onMessage);
    },
  };
}

function take<Value>(from: Map<number, Value>, id: number): Value | undefined {
  const value = from.get(id);
  from.delete(id);
  return value;
}
