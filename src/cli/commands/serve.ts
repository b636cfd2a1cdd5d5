import type { Flag } from "../../contract/flag.ts";
import { SERVE_FLAGS } from "../../contract/flags.ts";
import { createGuardedFetch } from "../../download/guarded-fetch.ts";
import { InferenceError, invalidArgument } from "../../errors.ts";
import type { Logger } from "../../inference/request-context.ts";
import { createLogger } from "../../observability/logger.ts";
import { createMetrics } from "../../observability/metrics.ts";
import { createPredictor } from "../../predictor/create-predictor.ts";
import { type ServerHandle, serve } from "../../server/serve.ts";
import type { Command, CommandContext } from "../command.ts";
import { describeThrown } from "../describe-thrown.ts";
import { toFlagEnvironment } from "../environment.ts";
import { findTransformer } from "../find-transformer.ts";
import { explainListenError } from "../listen-error.ts";
import { loadTransformer } from "../load-transformer.ts";
import { type ParsedFlags, parseFlags } from "../parse-flags.ts";
import { resolvePredictorChoice } from "../predictor-choice.ts";
import { settingNotes, toServeOptions } from "../serve-settings.ts";

export const command: Command = {
  usage: "[FILE|FOLDER|NAME] [flags]",
  summary:
    "Serves the transformer in a .ts, .js or .mjs file, or a shipped one by its name. Without an argument: the one that the\n" +
    "environment variable TRANSFORMER names, else the only module of the working folder.",
  flags: SERVE_FLAGS,
  examples: [
    "kserve-transformer serve clothing.ts --predictor onnx:./clothing.onnx",
    "kserve-transformer serve clothing.ts --model_name clothes --predictor_host localhost:8501",
    "MODEL_LABELS=dress,hat kserve-transformer serve image --predictor_host models:8080 --protocol v2",
  ],
  run,
};

async function run(argv: readonly string[], { env, cwd, signal }: CommandContext): Promise<number> {
  const parsed = parseFlags(SERVE_FLAGS, argv, toFlagEnvironment(env));
  const flags = parsed.values;
  const log = createLogger({ level: flags.log_level });
  for (const note of [...flagNotes(parsed), ...settingNotes(flags, parsed.given, env)]) log.warn({}, note);

  const found = findTransformer(oneWord(parsed.positionals) ?? (env["TRANSFORMER"] || undefined), cwd);
  const { source, hooks } = await loadTransformer(found, { env }, cwd);
  const choice = resolvePredictorChoice(flags, env, cwd);
  const predictor = choice && (await createPredictor(choice.target, { ...choice.options, log }));
  const fetch = createGuardedFetch({ allow: flags.image_allow ?? [] });
  const options = toServeOptions(flags, parsed.given, env);
  const metrics = createMetrics();
  const server = await serve(source, { ...options, predictor, log, fetch, metrics }).catch((error) => {
    throw explainListenError(error, options.host, options.port ?? 0);
  });

  const failed = surviveHooks(log);
  const ending = ended(AbortSignal.any([signal, failed]));
  let drainDelayMs = 0;
  try {
    const isReady = await Promise.race([server.ready().then(() => true), ending.then(() => false)]);
    if (isReady) logStart(log, server, found.label, hooks, flags.model_name, predictor?.description ?? "none");
    await ending;
    // Ctrl-C comes from a person: there is no service that would have to learn of the end first.
    if (signal.reason !== "SIGINT") drainDelayMs = options.drainDelayMs ?? 0;
    log.info({}, `ending: not ready, still accepting for ${drainDelayMs / 1000} s`);
  } catch (error) {
    throw new InferenceError(`${found.label} failed to load: ${describeThrown(error, cwd)}`, { cause: error });
  } finally {
    await server.close({ drainDelayMs });
    await fetch.close();
    metrics.close();
  }
  log.info({}, "ended");
  return failed.aborted ? 1 : 0;
}

function flagNotes({ notes, unknown, given }: ParsedFlags<typeof SERVE_FLAGS>): string[] {
  const table: Readonly<Record<string, Flag>> = SERVE_FLAGS;
  return [
    ...notes,
    ...unknown.map((flag) => `${flag} is not known here and is ignored`),
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

function logStart(
  log: Logger,
  { url, grpcUrl }: ServerHandle,
  transformer: string,
  hooks: readonly string[],
  model: string,
  predictor: string,
): void {
  const hooked = hooks.length === 0 ? "no hooks" : hooks.join(", ");
  const sentence = `ready at ${url}: ${transformer} (${hooked}) as model ${model}, predictor ${predictor}`;
  log.info({ transformer, hooks, model, predictor, url, grpcUrl }, sentence);
}
