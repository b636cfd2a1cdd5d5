import type { Worker } from "node:cluster";
import { AggregatorRegistry, type MetricObject } from "prom-client";
import type { PrimaryMessage, WorkerMessage } from "./worker-messages.ts";

/** A worker that is too busy to answer is left out of this scrape. */
const COLLECT_TIMEOUT_MS = 2000;

/** The metrics of all workers as one exposition: counters and histograms summed, as if there were one process. */
export async function collectFromWorkers(workers: readonly Worker[]): Promise<string> {
  const collected = await Promise.all(workers.map((worker, index) => collect(worker, index)));
  const metrics = collected.filter((each) => each !== undefined);
  return AggregatorRegistry.aggregate(metrics as MetricObject[][]).metrics();
}

function collect(worker: Worker, id: number): Promise<readonly MetricObject[] | undefined> {
  return new Promise((resolve) => {
    const end = (metrics: readonly MetricObject[] | undefined): void => {
      clearTimeout(timer);
      worker.off("message", onMessage);
      worker.off("exit", onExit);
      resolve(metrics);
    };
    const onMessage = (message: WorkerMessage): void => {
      if (message.kind === "collected" && message.id === id) end(message.metrics);
    };
    const onExit = (): void => end(undefined);
    const timer = setTimeout(() => end(undefined), COLLECT_TIMEOUT_MS);
    worker.on("message", onMessage);
    worker.on("exit", onExit);
    worker.send({ kind: "collect", id } satisfies PrimaryMessage);
  });
}
