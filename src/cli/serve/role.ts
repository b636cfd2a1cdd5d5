import type { Logger } from "../../inference/request-context.ts";
import type { Metrics } from "../../observability/metrics.ts";
import { createStatistics, type Statistics } from "../../observability/statistics/statistics.ts";
import { type MetricsServer, startMetricsServer } from "../../server/process/metrics-server.ts";
import { createWorkerLink, type WorkerChannel } from "../../server/process/worker-link.ts";
import type { EndReason, StartReport } from "../../server/process/worker-messages.ts";
import type { CloseOptions, ServerHandle } from "../../server/serve.ts";
import { resolveServeOptions, type ServeOptions } from "../../server/serve-options.ts";
import type { CommandContext } from "../command.ts";
import type { ServeFlags } from "./predictor-choice.ts";

/** What differs between a server alone and one of several workers: whom it tells, and who tells it to end. */
export interface ServeRole {
  readonly log: Logger;
  /** Undefined where they are answered elsewhere. */
  readonly metrics: Metrics | undefined;
  readonly statistics: Statistics;
  /** Aborted with the reason to end. */
  readonly signal: AbortSignal;
  /** The port is open, models may be loading. */
  opened(server: ServerHandle): void;
  ready(report: StartReport): void;
  ending(sentence: string): void;
  /** The server is closed. */
  close(): Promise<void>;
}

export interface RoleOptions {
  readonly flags: ServeFlags;
  readonly options: ServeOptions;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly signal: CommandContext["signal"];
}

/** The only process. @throws the listen error of the port for metrics. */
export async function createSingleRole({ flags, options, log, metrics, signal }: RoleOptions): Promise<ServeRole> {
  const { metrics_port: port } = flags;
  const listener: MetricsServer | undefined =
    port === undefined
      ? undefined
      : await startMetricsServer(() => metrics.scrape(), { ...resolveServeOptions(options), port });
  return {
    log,
    metrics: listener === undefined ? metrics : undefined,
    statistics: createStatistics(),
    signal,
    opened: () => undefined,
    ready: ({ details, sentence }) => log.info({ ...details, metricsPort: listener?.port }, sentence),
    ending: (sentence) => log.info({}, sentence),
    close: async () => {
      await listener?.close();
      log.info({}, "ended");
    },
  };
}

/** One of several workers, which the primary watches. */
export function createWorkerRole(channel: WorkerChannel, { flags, log, metrics, signal }: RoleOptions): ServeRole {
  const told = new AbortController();
  const statistics = createStatistics();
  const link = createWorkerLink({ channel, metrics, statistics, onClose: (reason) => told.abort(reason) });
  // Signals to the whole process group are the primary's to answer; this one would end the worker.
  process.on("SIGHUP", () => undefined);
  const own = log.child({ pid: process.pid });
  return {
    log: own,
    metrics: flags.metrics_port === undefined ? link.metrics : undefined,
    statistics: link.statistics,
    signal: AbortSignal.any([signal, told.signal]),
    opened: (server) => link.beat(() => server.isReady()),
    ready: (report) => link.ready(report),
    ending: (sentence) => own.debug({}, sentence),
    close: () => link.close(),
  };
}

/** How the server ends for this reason; `drainDelayMs` is what the flags say. */
export function closeOptions(reason: unknown, drainDelayMs: number): Required<CloseOptions> {
  const why = reason as EndReason | undefined;
  // Ctrl-C comes from a person: there is no service that would have to learn of the end first.
  return { drainDelayMs: why === "SIGINT" ? 0 : drainDelayMs, hasSuccessor: why === "reload" };
}

/** Beyond the drain and the time for requests in flight: the time to close what a transformer has opened. */
export const CLOSE_MS = 10_000;

/** From now on nothing but the end is on its way, and a hang-up, from a terminal or a reloader, must not cut it short. */
export function ignoreHangUp(): void {
  process.on("SIGHUP", () => undefined);
}

/** A terminal that is closed ends its programs by SIGHUP: there the signal keeps its meaning. */
export function onHangUp(listener: () => void): () => void {
  if (process.stdout.isTTY === true) return () => undefined;
  process.on("SIGHUP", listener);
  return () => process.off("SIGHUP", listener);
}
