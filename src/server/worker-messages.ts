import type { MetricObject } from "prom-client";

/** What a worker tells the primary. */
export type WorkerMessage =
  | { readonly kind: "ready" }
  /** Wants the metrics of all workers. */
  | { readonly kind: "scrape"; readonly id: number }
  | { readonly kind: "collected"; readonly id: number; readonly metrics: readonly MetricObject[] };

/** What the primary tells a worker. */
export type PrimaryMessage =
  | { readonly kind: "close" }
  | { readonly kind: "collect"; readonly id: number }
  | { readonly kind: "scraped"; readonly id: number; readonly text: string };
