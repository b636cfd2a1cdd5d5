import type { Logger } from "../../inference/request-context.ts";
import { type MetricsServer, startMetricsServer } from "../../server/process/metrics-server.ts";
import { type ProbeServer, startProbeServer } from "../../server/process/probe-server.ts";
import type { EndReason } from "../../server/process/worker-messages.ts";
import { Workers } from "../../server/process/workers.ts";
import { resolveServeOptions, type ServeOptions } from "../../server/serve-options.ts";
import { explainListenError } from "./listen-error.ts";
import type { ServeFlags } from "./predictor-choice.ts";
import { CLOSE_MS, closeOptions, ignoreHangUp, onHangUp } from "./role.ts";

export interface ServeWorkersOptions {
  readonly flags: ServeFlags;
  readonly options: ServeOptions;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * The primary of `--workers`: it loads no transformer; it watches those that do, answers for all of them on the ports for
 * probes and metrics, and is the one that signals are for.
 *
 * @returns the exit code, that of a worker which could not start.
 */
export async function serveWorkers({ flags, options, log, signal }: ServeWorkersOptions): Promise<number> {
  const drainDelayMs = options.drainDelayMs ?? 0;
  const endTimeoutMs = drainDelayMs + (options.shutdownTimeoutMs ?? 0) + CLOSE_MS;
  const workers = new Workers({ count: flags.workers, log, endTimeoutMs });
  const ports = await openPorts(workers, flags, options);
  const end = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  const stopListening = onHangUp(() => void workers.reload());
  try {
    const start = await Promise.race([workers.start(), end]);
    if (start !== undefined && "exitCode" in start && !signal.aborted) return start.exitCode;
    if (start !== undefined && "report" in start) {
      const { details, sentence } = start.report;
      log.info({ ...details, workers: flags.workers, ...ports.numbers }, `${sentence}, ${flags.workers} workers`);
    }
    await end;
    ignoreHangUp();
    const { drainDelayMs: drain } = closeOptions(signal.reason, drainDelayMs);
    log.info({}, `ending: not ready, still accepting for ${drain / 1000} s`);
  } finally {
    stopListening();
    await workers.close((signal.reason as EndReason | undefined) ?? "SIGINT");
    await ports.close();
  }
  log.info({}, "ended");
  return 0;
}

interface Ports {
  readonly numbers: Readonly<Record<string, number | undefined>>;
  close(): Promise<void>;
}

async function openPorts(workers: Workers, flags: ServeFlags, options: ServeOptions): Promise<Ports> {
  const settings = resolveServeOptions(options);
  const { host, probePort } = settings;
  const { metrics_port: metricsPort } = flags;
  let probes: ProbeServer | undefined;
  let metrics: MetricsServer | undefined;
  const close = async (): Promise<void> => {
    await metrics?.close();
    await probes?.close();
  };
  try {
    if (probePort !== undefined) {
      probes = await startProbeServer(workers, { ...settings, port: probePort });
    }
    if (metricsPort !== undefined) {
      metrics = await startMetricsServer(() => workers.totals.scrape(), { ...settings, port: metricsPort });
    }
    return { numbers: { probePort: probes?.port, metricsPort: metrics?.port }, close };
  } catch (error) {
    await close();
    throw explainListenError(error, host, 0);
  }
}
