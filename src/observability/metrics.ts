import type { MetricObject, Registry } from "prom-client";
import type { Exchange, ExchangeListener, StageName } from "../inference/exchange-listener.ts";
import { errorKind } from "./error-kind.ts";
import { LabelledHistogram } from "./labelled-histogram.ts";
import { collectProcessMetrics, defaultRegistries, prometheus } from "./prom-client.ts";

/** A listener that counts and times, and the registry to scrape. */
export interface Metrics extends ExchangeListener {
  readonly registry: Registry;
  /** The text of a scrape, Prometheus exposition format 0.0.4: ours, and those that a transformer made with prom-client. */
  scrape(): Promise<string>;
  /** The same as values, which several processes can sum. */
  collect(): Promise<MetricObject[]>;
  /** One call to the predictor for several requests: its rows, and how long the first of them waited. */
  batched(rows: number, waitedMs: number): void;
  /** A look-up in the cache of responses. */
  lookedUp(outcome: "hit" | "coalesced" | "miss"): void;
  /** A payload event was sent, was refused, or found no place. */
  payloadEvent(outcome: "sent" | "failed" | "dropped"): void;
  /** Forgets every series and stops collecting. */
  close(): void;
}

/** The four names of KServe's Python SDK, so that its dashboards go on working. */
const SDK_STAGES: Partial<Readonly<Record<StageName, string>>> = {
  preprocess: "request_preprocess_seconds",
  predict: "request_predict_seconds",
  explain: "request_explain_seconds",
  postprocess: "request_postprocess_seconds",
};

/** Buckets in seconds, from a cache hit to a large model. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const BYTES = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];

/** Requests of one set of labels. */
interface EndedRequests {
  readonly labels: Readonly<Record<"model_name" | "protocol" | "verb" | "status", string>>;
  count: number;
}

/** Names of metrics that a transformer made, with their registry; ours win where one is there twice, then the first. */
function authorsMetrics(ours: Registry): ReadonlyMap<string, Registry> {
  const found = new Map<string, Registry>();
  for (const registry of defaultRegistries()) {
    for (const { name } of registry.getMetricsAsArray()) {
      if (ours.getSingleMetric(name) === undefined && !found.has(name)) found.set(name, registry);
    }
  }
  return found;
}

async function formatMetric([name, registry]: readonly [string, Registry]): Promise<string> {
  return `${await registry.getSingleMetricAsString(name)}\n`;
}

/**
 * Metrics of one server; nothing is kept outside the returned object. What every request changes is kept in plain counters, and
 * prom-client is told at a scrape.
 */
export function createMetrics(): Metrics {
  const registry = new prometheus.Registry();
  const registers = [registry];
  collectProcessMetrics(registry);
  const byModel = (name: string, help: string, buckets: readonly number[]): LabelledHistogram<"model_name"> =>
    new LabelledHistogram({ name, help, label: "model_name", buckets }, registry);
  const stages = new Map<StageName, LabelledHistogram<"model_name">>();
  for (const [stage, name] of Object.entries(SDK_STAGES)) {
    stages.set(stage as StageName, byModel(name, `Seconds in ${stage}`, SECONDS));
  }
  const ended = new Map<string, EndedRequests>();
  new prometheus.Counter({
    name: "kserve_transformer_requests_total",
    help: "Requests by model, protocol, verb and HTTP status",
    labelNames: ["model_name", "protocol", "verb", "status"],
    registers,
    collect() {
      this.reset();
      for (const { labels, count } of ended.values()) this.inc(labels, count);
    },
  });
  const duration = byModel(
    "kserve_transformer_request_seconds",
    "Seconds from a request's arrival to its response",
    SECONDS,
  );
  const running = new Map<string, number>();
  new prometheus.Gauge({
    name: "kserve_transformer_requests_in_flight",
    help: "Requests being answered",
    labelNames: ["model_name"],
    registers,
    collect() {
      for (const [modelName, count] of running) this.set({ model_name: modelName }, count);
    },
  });
  const queue = new prometheus.Gauge({
    name: "kserve_transformer_queue_length",
    help: "Requests that wait for a place",
    labelNames: ["model_name"],
    registers,
  });
  const predictorErrors = new prometheus.Counter({
    name: "kserve_transformer_predictor_errors_total",
    help: "Failed predictor calls by kind",
    labelNames: ["model_name", "kind"],
    registers,
  });
  const requestBytes = byModel("kserve_transformer_request_bytes", "Bytes of request bodies", BYTES);
  const responseBytes = byModel("kserve_transformer_response_bytes", "Bytes of response bodies", BYTES);
  const downloads = new prometheus.Histogram({
    name: "kserve_transformer_download_seconds",
    help: "Seconds of downloads by hooks",
    labelNames: ["outcome"],
    buckets: SECONDS,
    registers,
  });
  const downloadBytes = new prometheus.Counter({
    name: "kserve_transformer_download_bytes_total",
    help: "Bytes that hooks downloaded",
    registers,
  });
  const batchRows = new prometheus.Histogram({
    name: "kserve_transformer_batch_rows",
    help: "Rows of one predictor call that batching made",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers,
  });
  const batchWait = new prometheus.Histogram({
    name: "kserve_transformer_batch_wait_seconds",
    help: "Seconds that the first request of a batch waited for others",
    buckets: SECONDS,
    registers,
  });
  const lookUps = new prometheus.Counter({
    name: "kserve_transformer_cache_lookups_total",
    help: "Look-ups in the cache of responses by outcome: hit, coalesced, miss",
    labelNames: ["outcome"],
    registers,
  });
  const payloadEvents = new prometheus.Counter({
    name: "kserve_transformer_payload_events_total",
    help: "Events of the payload log by outcome: sent, failed, dropped",
    labelNames: ["outcome"],
    registers,
  });
  return {
    registry,
    scrape: async () =>
      (await Promise.all([registry.metrics(), ...[...authorsMetrics(registry)].map(formatMetric)])).join("\n"),
    collect: async () => {
      const names = authorsMetrics(registry);
      const theirs = await Promise.all(
        [...new Set(names.values())].map(async (each) => {
          const metrics = await each.getMetricsAsJSON();
          return metrics.filter(({ name }) => names.get(name) === each);
        }),
      );
      return [...(await registry.getMetricsAsJSON()), ...theirs.flat()];
    },
    close: () => registry.clear(),
    batched: (rows, waitedMs) => {
      batchRows.observe(rows);
      batchWait.observe(waitedMs / 1000);
    },
    lookedUp: (outcome) => lookUps.inc({ outcome }),
    payloadEvent: (outcome) => payloadEvents.inc({ outcome }),
    requestStarted: ({ modelName }: Exchange) => running.set(modelName, (running.get(modelName) ?? 0) + 1),
    queueChanged: ({ modelName }, change) => queue.inc({ model_name: modelName }, change),
    stageEnded: ({ modelName }, stage, milliseconds, error) => {
      stages.get(stage)?.observe(modelName, milliseconds / 1000);
      if (stage === "predict" && error !== undefined) {
        predictorErrors.inc({ model_name: modelName, kind: errorKind(error) });
      }
    },
    requestEnded: ({ modelName, protocol, verb }, outcome) => {
      running.set(modelName, (running.get(modelName) ?? 0) - 1);
      const status = String(outcome.status);
      const key = `${modelName},${protocol},${verb},${status}`;
      const same = ended.get(key);
      if (same !== undefined) same.count += 1;
      else ended.set(key, { labels: { model_name: modelName, protocol, verb, status }, count: 1 });
      duration.observe(modelName, outcome.milliseconds / 1000);
      requestBytes.observe(modelName, outcome.requestBytes);
      responseBytes.observe(modelName, outcome.responseBytes);
    },
    downloaded: (_exchange, bytes, milliseconds, error) => {
      downloads.observe({ outcome: error === undefined ? "ok" : "failed" }, milliseconds / 1000);
      downloadBytes.inc(bytes);
    },
  };
}
