import type { Worker } from "node:cluster";
import { createRequire } from "node:module";
import type { MetricObject, Registry } from "prom-client";
import { type ModelCounts, sumCounts } from "../../observability/statistics/model-counts.ts";
import type { PrimaryMessage, WorkerCounts, WorkerMessage } from "./worker-messages.ts";

// By require: an import would first have Node search the whole CommonJS package for the names of its exports.
const { AggregatorRegistry } = createRequire(import.meta.url)("prom-client") as typeof import("prom-client");

/** A worker that is too busy to answer stands in a sum with what it said last. */
const COLLECT_TIMEOUT_MS = 2000;

const NOTHING: WorkerCounts = { metrics: [], statistics: [] };

/**
 * The metrics and statistics of all workers, summed as if there were one process. What workers counted stays when they end,
 * since a sum that falls looks to Prometheus like a restart of the whole server.
 */
export class WorkerTotals {
  readonly #latest = new Map<Worker, WorkerCounts>();
  #past = NOTHING;
  #collections = 0;

  add(worker: Worker): void {
    this.#latest.set(worker, NOTHING);
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "last") this.#latest.set(worker, message.counts);
    });
    worker.once("exit", () => this.#keepCounts(worker));
  }

  /** The text of a scrape, Prometheus exposition format 0.0.4. */
  async scrape(): Promise<string> {
    return merge((await this.#all()).map(({ metrics }) => metrics)).metrics();
  }

  /** For V2's statistics extension, by model. */
  async statistics(): Promise<readonly ModelCounts[]> {
    return sumCounts((await this.#all()).flatMap(({ statistics }) => statistics));
  }

  async #all(): Promise<readonly WorkerCounts[]> {
    this.#collections += 1;
    const id = this.#collections;
    await Promise.all([...this.#latest.keys()].map((worker) => this.#collect(worker, id)));
    return [this.#past, ...this.#latest.values()];
  }

  #collect(worker: Worker, id: number): Promise<void> {
    if (!worker.isConnected()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        worker.off("message", onMessage);
        worker.off("exit", end);
        resolve();
      };
      const onMessage = (message: WorkerMessage): void => {
        if (message.kind !== "collected" || message.id !== id) return;
        if (this.#latest.has(worker)) this.#latest.set(worker, message.counts);
        end();
      };
      const timer = setTimeout(end, COLLECT_TIMEOUT_MS);
      worker.on("message", onMessage);
      worker.on("exit", end);
      worker.send({ kind: "collect", id } satisfies PrimaryMessage);
    });
  }

  /** Keeps what a worker that ended has counted; its gauges go with it. */
  #keepCounts(worker: Worker): void {
    const { metrics, statistics } = this.#latest.get(worker) ?? NOTHING;
    this.#latest.delete(worker);
    const growing = metrics.filter(({ type }) => GROWING.has(String(type)));
    this.#past = {
      metrics: growing.length === 0 ? this.#past.metrics : merge([this.#past.metrics, growing]).getMetricsAsArray(),
      statistics: sumCounts([...this.#past.statistics, ...statistics]),
    };
  }
}

const GROWING: ReadonlySet<string> = new Set(["counter", "histogram"]);

function merge(snapshots: readonly WorkerCounts["metrics"][]): Registry {
  return AggregatorRegistry.aggregate(snapshots as MetricObject[][]);
}
