import { setTimeout as delay } from "node:timers/promises";
import type { Flag } from "../../contract/flag.ts";
import { COMMON_FLAGS, SERVE_FLAGS } from "../../contract/flags.ts";
import { InferenceError, invalidArgument } from "../../errors.ts";
import type { ExchangeListener } from "../../inference/exchange-listener.ts";
import type { Logger } from "../../inference/request-context.ts";
import { createLogger, type LoggerOptions } from "../../observability/logger.ts";
import { createMetrics, type Metrics } from "../../observability/metrics.ts";
import { createPredictor } from "../../predictor/create-predictor.ts";
import type { WorkerChannel } from "../../server/process/worker-link.ts";
import type { StartReport } from "../../server/process/worker-messages.ts";
import { type CloseOptions, type ServerHandle, serve } from "../../server/serve.ts";
import type { ServeOptions } from "../../server/serve-options.ts";
import type { Command, CommandContext } from "../command.ts";
import { type Environment, toFlagEnvironment } from "../flags/environment.ts";
import { type ParsedFlags, parseFlags } from "../flags/parse-flags.ts";
import { assertKnownFlags, describeUnknownFlag } from "../flags/unknown-flags.ts";
import { formatLogLine } from "../format-log-line.ts";
import { createDownloads } from "../serve/create-downloads.ts";
import { explainListenError } from "../serve/listen-error.ts";
import { openPlayground } from "../serve/playground.ts";
import { resolvePredictorChoice, type ServeFlags } from "../serve/predictor-choice.ts";
import { startReloading } from "../serve/reload-on-change.ts";
import { createRequestLogs } from "../serve/request-logs.ts";
import {
  CLOSE_MS,
  closeOptions,
  createSingleRole,
  createWorkerRole,
  ignoreHangUp,
  onHangUp,
  type ServeRole,
} from "../serve/role.ts";
import { settingNotes, toServeOptions } from "../serve/settings.ts";
import { readServerTls, startTlsRenewal } from "../serve/tls.ts";
import { endTracing, startTracing } from "../serve/tracing.ts";
import { wrapPredictor } from "../serve/wrap-predictor.ts";
import { describeThrown } from "../transformer/describe-thrown.ts";
import { findTransformer } from "../transformer/find-transformer.ts";
import { loadTransformer } from "../transformer/load-transformer.ts";

export const command: Command = {
  usage: "[FILE|FOLDER|NAME] [flags]",
  summary:
    "Serves the transformer in a .ts, .js or .mjs file, or a shipped one by its name. Without an argument: the one that the\n" +
    "environment variable TRANSFORMER names, else the only module of the working folder.",
  flags: SERVE_FLAGS,
  commonFlags: COMMON_FLAGS,
  examples: [
    "kserve-transformer serve clothing.ts --predictor onnx:./clothing.onnx",
    "kserve-transformer serve clothing.ts --model_name clothes --predictor_host localhost:8501",
    "MODEL_LABELS=dress,hat kserve-transformer serve image --predictor_host models:8080 --protocol v2",
  ],
  run,
};

async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const { env, signal } = context;
  const parsed = parseFlags(SERVE_FLAGS, argv, toFlagEnvironment(env));
  const { values: flags, given, unknown } = parsed;
  assertKnownFlags(unknown, SERVE_FLAGS, { given, isTerminal: process.stdout.isTTY === true });
  const log = createLogger({ level: flags.log_level, destination: logDestination(context) });
  const options = toServeOptions(flags, parsed.given, env);
  const { isWorker } = flags.workers > 1 ? (await import("node:cluster")).default : { isWorker: false };
  if (!isWorker) {
    for (const note of [...flagNotes(parsed), ...settingNotes(flags, parsed.given, env)]) log.warn({}, note);
  }
  if (flags.workers > 1 && !isWorker) {
    const { serveWorkers } = await import("../serve/workers.ts");
    return serveWorkers({ flags, options, log, signal });
  }
  return runServe(parsed, context, { isWorker });
}

export interface RunServeOptions {
  /** One of several processes; its primary answers for all of them on the ports for probes and metrics. */
  readonly isWorker: boolean;
  /** Make up the declared outputs instead of asking a predictor. @default false */
  readonly mock?: boolean;
  readonly listeners?: readonly ExchangeListener[];
  /** Called before the error of a port that cannot be opened is thrown. */
  readonly portRefused?: (() => void) | undefined;
}

/** Serves in this process until it is told to end. @returns the exit code. */
export async function runServe(
  parsed: ParsedFlags<typeof SERVE_FLAGS>,
  context: CommandContext,
  { isWorker, mock = false, listeners = [], portRefused }: RunServeOptions,
): Promise<number> {
  const { env, signal } = context;
  const flags = parsed.values;
  const log = createLogger({ level: flags.log_level, destination: logDestination(context) });
  const given = toServeOptions(flags, parsed.given, env);
  const options = { ...given, listeners: [...(given.listeners ?? []), ...listeners] };
  const metrics = createMetrics();
  const roleOptions = { flags, options, log, metrics, signal };
  const role = isWorker
    ? createWorkerRole(process as unknown as WorkerChannel, roleOptions)
    : await createSingleRole(roleOptions);
  const own = isWorker ? { ...options, probePort: undefined } : options;
  return serveOne(parsed, own, metrics, role, context, { mock, portRefused });
}

/** JSON lines, but for a person at a terminal. */
function logDestination({ print, cwd }: CommandContext): LoggerOptions["destination"] {
  if (process.stdout.isTTY !== true) return undefined;
  return { write: (line) => print(`${formatLogLine(line.trimEnd(), true, cwd)}\n`) };
}

/** One process: alone, or one of several. */
async function serveOne(
  { values: flags, positionals }: ParsedFlags<typeof SERVE_FLAGS>,
  options: ServeOptions,
  metrics: Metrics,
  role: ServeRole,
  { env, cwd }: CommandContext,
  { mock, portRefused }: Pick<RunServeOptions, "mock" | "portRefused">,
): Promise<number> {
  const { log, signal } = role;
  const found = findTransformer(oneWord(positionals) ?? (env["TRANSFORMER"] || undefined), cwd);
  const { source, hooks, outputs, rowSchema } = await loadTransformer(found, { env: { ...env, ...found.env } }, cwd);
  const choice = mock ? undefined : resolvePredictorChoice(flags, env, cwd);
  const plain = mock
    ? (await import("../dev/declared-predictor.ts")).createDeclaredPredictor(outputs)
    : choice && (await createPredictor(choice.target, { ...choice.options, log }));
  const predictor = plain && (await wrapPredictor(plain, flags, metrics));
  const fetch = createDownloads(flags.image_allow);
  const tracing = await startTracing(env, log);
  const requestLogs = createRequestLogs({ flags, env, log, metrics, rowSchema });
  const listeners = [
    ...(options.listeners ?? []),
    ...requestLogs.listeners,
    ...[role.metrics === undefined ? metrics : undefined, tracing].filter(isGiven),
  ];
  const playground = flags.enable_playground ? await openPlayground(flags, found, cwd) : undefined;
  const settings = {
    ...options,
    listeners,
    predictor,
    log,
    fetch,
    metrics: role.metrics,
    statistics: role.statistics,
    playground,
  };
  const server = await serve(source, settings).catch((error) => {
    const explained = explainListenError(error, options.host, options.port ?? 0);
    if (explained !== error) portRefused?.();
    throw explained;
  });
  role.opened(server);
  const { reload_on_change: paths } = flags;
  const stopReloading = paths === undefined ? undefined : startReloading({ paths, cwd, server, log });
  const stopRenewal = renewCertificates(server, options.tls !== undefined, flags, env, log);

  const failed = surviveHooks(log);
  const ending = ended(AbortSignal.any([signal, failed]));
  let end = closeOptions("SIGINT", 0);
  try {
    const isReady = await Promise.race([server.ready().then(() => true), ending.then(() => false)]);
    if (isReady) {
      role.ready(startReport(server, found.label, hooks, flags.model_name, predictor?.description ?? "none"));
      if (predictor === undefined && !hooks.includes("predict")) log.warn({}, NO_PREDICTOR);
    }
    await ending;
    ignoreHangUp();
    end = closeOptions(signal.reason, options.drainDelayMs ?? 0);
    role.ending(`ending: not ready, still accepting for ${end.drainDelayMs / 1000} s`);
  } catch (error) {
    throw new InferenceError(`${found.label} failed to load: ${describeThrown(error, cwd)}`, { cause: error });
  } finally {
    stopRenewal();
    stopReloading?.();
    await closeInTime(server, end, options.shutdownTimeoutMs ?? 0, log);
    await requestLogs.close();
    await fetch.close();
    await endTracing(tracing, log);
    await role.close();
    metrics.close();
  }
  return failed.aborted ? 1 : 0;
}

const NO_PREDICTOR =
  "no predictor and no predict hook: a request that preprocess does not reply to gets 503; name the predictor with " +
  "--predictor_host, or say --predictor none where the hooks are the whole model";

/** A transformer whose `close` does not come back keeps nobody. */
async function closeInTime(server: ServerHandle, end: CloseOptions, shutdownMs: number, log: Logger): Promise<void> {
  const timer = new AbortController();
  const limitMs = (end.drainDelayMs ?? 0) + shutdownMs + CLOSE_MS;
  const late = delay(limitMs, true, { signal: timer.signal }).catch(() => false);
  const isLate = await Promise.race([server.close(end).then(() => false), late]);
  timer.abort();
  if (isLate) log.error({}, `not closed within ${limitMs / 1000} s: ending all the same`);
}

/** The server's certificate follows its files; SIGHUP looks at once. */
function renewCertificates(
  server: ServerHandle,
  isTls: boolean,
  flags: ServeFlags,
  env: Environment,
  log: Logger,
): () => void {
  const isAlone = flags.workers === 1;
  if (!isTls) {
    const sentence = "SIGHUP renews workers and certificates: there are neither (--workers 2 or more; --ssl_certfile)";
    return isAlone ? onHangUp(() => log.warn({}, sentence)) : () => undefined;
  }
  const renewal = startTlsRenewal({ read: () => readServerTls(flags, env), server, log });
  const stopListening = isAlone ? onHangUp(() => renewal.renew()) : () => undefined;
  return () => {
    stopListening();
    renewal.close();
  };
}

function flagNotes({ notes, unknown, given }: ParsedFlags<typeof SERVE_FLAGS>): string[] {
  const table: Readonly<Record<string, Flag>> = SERVE_FLAGS;
  return [
    ...notes,
    ...unknown.map((flag) => describeUnknownFlag(flag, table, " and is ignored")),
    ...[...given].flatMap((name) =>
      table[name]?.noted === undefined ? [] : [`--${name} has no effect: ${table[name].noted}`],
    ),
  ];
}

function oneWord(positionals: readonly string[]): string | undefined {
  if (positionals.length < 2) return positionals[0];
  throw invalidArgument(`expected one transformer, got ${positionals.join(", ")}`);
}

/**
 * A promise that a hook forgot must not take the other requests with it. After an exception that nobody caught the state is
 * unknown: the server ends as if it were told to, and the exit code says that it failed.
 */
function surviveHooks(log: Logger): AbortSignal {
  const failed = new AbortController();
  process.on("unhandledRejection", (error) => log.error({ error }, "a promise was rejected and nobody handled it"));
  process.on("uncaughtException", (error) => {
    log.error({ error }, "an exception was not caught: ending");
    failed.abort();
  });
  return failed.signal;
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function startReport(
  { url, grpcUrl, probePort }: ServerHandle,
  transformer: string,
  hooks: readonly string[],
  model: string,
  predictor: string,
): StartReport {
  const hooked = hooks.length === 0 ? "no hooks" : hooks.join(", ");
  const sentence = `ready at ${url}: ${transformer} (${hooked}) as model ${model}, predictor ${predictor}`;
  return { details: { transformer, hooks, model, predictor, url, grpcUrl, probePort }, sentence };
}

function isGiven<T>(value: T | undefined): value is T {
  return value !== undefined;
}
