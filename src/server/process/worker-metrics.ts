import type { Worker } from "node:cluster";
import { createRequire } from "node:module";
import type { MetricObject, Registry } from "prom-client";
import type { PrimaryMessage, WorkerMessage } from "./worker-messages.ts";

// By require: an import would first have Node search the whole CommonJS package for the names of its exports.
const { AggregatorRegistry } = createRequire(import.meta.url)("prom-client") as typeof import("prom-client");

/** A worker that is too busy to answer stands in a scrape with what it said last. */
const COLLECT_TIMEOUT_MS = 2000;

type Snapshot = readonly MetricObject[];

/**
 * The metrics of all workers as one exposition: counters and histograms summed, as if there were one process. What workers
 * counted stays when they end, since a sum that falls looks to Prometheus like a restart of the whole server.
 */
export class WorkerMetrics {
  readonly #latest = new Map<Worker, Snapshot>();
  #past: Snapshot = [];
  #collections = 0;

  add(worker: Worker): void {
    this.#latest.set(worker, []);
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "last") this.#latest.set(worker, message.metrics);
    });
    worker.once("exit", () => this.#keepCounts(worker));
  }

  /** The text of a scrape, Prometheus exposition format 0.0.4. */
  async scrape(): Promise<string> {
    this.#collections += 1;
    const id = this.#collections;
    await Promise.all([...this.#latest.keys()].map((worker) => this.#collect(worker, id)));
    return merge([this.#past, ...this.#latest.values()]).metrics();
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
        if (this.#latest.has(worker)) this.#latest.set(worker, message.metrics);
        end();
      };
      const timer = setTimeout(end, COLLECT_TIMEOUT_MS);
      worker.on("message", onMessage);
      worker.on("exit", end);
      worker.send({ kind: "collect", id } satisfies PrimaryMessage);
    });
  }

  /** Keeps the counters and histograms of a worker that ended; its gauges go with it. */
  #keepCounts(worker: Worker): void {
    const counts = (this.#latest.get(worker) ?? []).filter(({ type }) => GROWING.has(String(type)));
    this.#latest.delete(worker);
    if (counts.length > 0) this.#past = merge([this.#past, counts]).getMetricsAsArray();
  }
}

const GROWING: ReadonlySet<string> = new Set(["counter", "histogram"]);

function merge(snapshots: readonly Snapshot[]): Registry {
  return AggregatorRegistry.aggregate(snapshots as Snapshot[]);
}
