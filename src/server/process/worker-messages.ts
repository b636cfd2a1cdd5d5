import type { MetricObject } from "prom-client";
import type { ModelCounts } from "../../observability/statistics/model-counts.ts";

/** What a worker has counted so far. */
export interface WorkerCounts {
  readonly metrics: readonly MetricObject[];
  readonly statistics: readonly ModelCounts[];
}

/** What a worker says of itself at its start, for the one line that the primary logs. */
export interface StartReport {
  readonly details: Readonly<Record<string, unknown>>;
  readonly sentence: string;
}

/** Why a worker shall end: the whole server does, or a successor has taken its place. */
export type EndReason = "SIGTERM" | "SIGINT" | "reload";

/** What a worker tells the primary. */
export type WorkerMessage =
  | { readonly kind: "ready"; readonly report: StartReport }
  /** Sent again and again: the worker's event loop turns. */
  | { readonly kind: "heartbeat"; readonly ready: boolean }
  /** Wants the metrics of all workers. */
  | { readonly kind: "scrape"; readonly id: number }
  /** Wants the statistics of all workers. */
  | { readonly kind: "total"; readonly id: number }
  | { readonly kind: "collected"; readonly id: number; readonly counts: WorkerCounts }
  /** The worker's last counts, sent just before it ends. */
  | { readonly kind: "last"; readonly counts: WorkerCounts };

/** What the primary tells a worker. */
export type PrimaryMessage =
  | { readonly kind: "close"; readonly reason: EndReason }
  | { readonly kind: "collect"; readonly id: number }
  | { readonly kind: "scraped"; readonly id: number; readonly text: string }
  | { readonly kind: "totalled"; readonly id: number; readonly statistics: readonly ModelCounts[] };
