import cluster from "node:cluster";
import { once } from "node:events";
import { extname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { FlagTable } from "../../contract/flag.ts";
import { COMMON_FLAGS, SERVE_FLAGS } from "../../contract/flags.ts";
import { invalidArgument } from "../../errors.ts";
import type { StartReport } from "../../server/process/worker-messages.ts";
import type { Command, CommandContext } from "../command.ts";
import { DevWorkers, type PortRefusedMessage, type WaitingMessage } from "../dev/dev-workers.ts";
import { loadAhead } from "../dev/load-ahead.ts";
import { openBrowser } from "../dev/open-browser.ts";
import { createRequestLines } from "../dev/request-lines.ts";
import { SourceWatcher } from "../dev/source-watcher.ts";
import { toFlagEnvironment } from "../flags/environment.ts";
import { type ParsedFlags, parseFlags } from "../flags/parse-flags.ts";
import { assertKnownFlags } from "../flags/unknown-flags.ts";
import { formatLogLine } from "../format-log-line.ts";
import { findTransformer } from "../transformer/find-transformer.ts";
import { runServe } from "./serve.ts";

const OWN_FLAGS = {
  mock: {
    type: "boolean",
    default: false,
    description: "A predictor that makes up the declared outputs, instead of a real one.",
  },
  open: { type: "boolean", default: false, description: "Open the playground in a browser." },
} as const;

const FLAGS: typeof SERVE_FLAGS & typeof OWN_FLAGS = { ...SERVE_FLAGS, ...OWN_FLAGS };

export const command: Command = {
  usage: "[FILE|FOLDER|NAME] [flags of serve]",
  summary:
    "Serves a transformer as `serve` does, with a log for people, the playground and the API page, and restarts it when one of\n" +
    "its files changes: the module, what it imports, and the files that it names.",
  flags: FLAGS,
  // The page is on, and one process serves.
  commonFlags: ["mock", "open", ...COMMON_FLAGS.filter((name) => name !== "workers" && name !== "enable_playground")],
  examples: [
    "kserve-transformer dev clothing.ts --predictor onnx:./clothing.onnx",
    "kserve-transformer dev clothing.ts --mock --open",
  ],
  run: (argv, context) => (cluster.isWorker ? serveWhenTold(argv, context) : watchAndServe(argv, context)),
};

/** On unless the user says otherwise. */
const PAGES = ["--enable_playground", "--playground_sources", "--enable_docs_url"];

/** A worker: it loads everything but the user's module, which it imports when the primary says so. */
async function serveWhenTold(argv: readonly string[], context: CommandContext): Promise<number> {
  const parsed = parseFlags(FLAGS, argv, toFlagEnvironment(context.env));
  const asked = new AbortController();
  const told = once(process, "message").then(() => asked.abort());
  process.send?.({ kind: "waiting" } satisfies WaitingMessage);
  await Promise.all([told, loadAhead(transformerWord(parsed, context), parsed.values, context, asked.signal)]);
  return runServe(parsed, context, {
    isWorker: true,
    mock: parsed.values.mock,
    listeners: [createRequestLines(context.print)],
    portRefused: () => process.send?.({ kind: "port refused" } satisfies PortRefusedMessage),
  });
}

async function watchAndServe(argv: readonly string[], context: CommandContext): Promise<number> {
  const { env, cwd, signal, print, warn } = context;
  const table: FlagTable = SERVE_FLAGS;
  const pages = PAGES.filter((page) => table[page.slice(2)]?.noted === undefined);
  const all = [...pages, ...argv];
  const parsed = parseFlags(FLAGS, all, toFlagEnvironment(env));
  assertKnownFlags(parsed.unknown, FLAGS, { given: new Set(), isTerminal: true });
  if (parsed.values.workers > 1) throw invalidArgument("--workers: dev serves with one process; `serve` takes it");
  const { path } = findTransformer(transformerWord(parsed, context), cwd);
  const watcher = new SourceWatcher(path);
  const main = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url));
  const color = process.stdout.isTTY === true;
  const onLine = (line: string): void => print(`${formatLogLine(line, color, cwd)}\n`);
  const workers = new DevWorkers({ argv: all, main, cwd, onLine, warn });
  signal.addEventListener("abort", () => watcher.close(), { once: true });
  for (let first = true, file: string | undefined = path; file !== undefined; first = false) {
    const started = performance.now();
    if (!first) print(`${relative(cwd, file)} has changed: restarting\n`);
    const report = await workers.start();
    if (report === "port refused") {
      watcher.close();
      await workers.close();
      return 1;
    }
    if (report === undefined) {
      const meanwhile = workers.isServing ? "the version before goes on serving; " : "";
      if (!signal.aborted) print(`${meanwhile}waiting for changes\n`);
    } else {
      const { sentence, details } = report;
      print(`${new Date().toISOString().slice(11, 23)} INFO  ${sentence}\n`);
      if (first) {
        print(formatBanner(report, parsed));
        if (parsed.values.open) await openBrowser(`${String(details["url"])}/playground`);
      } else print(`restarted in ${Math.round(performance.now() - started)} ms\n`);
    }
    file = await watcher.next();
  }
  await workers.close();
  return 0;
}

function transformerWord({ positionals }: ParsedFlags<typeof FLAGS>, { env }: CommandContext): string | undefined {
  return positionals[0] ?? (env["TRANSFORMER"] || undefined);
}

/** The addresses that a person wants to click on. */
function formatBanner({ details }: StartReport, { values }: ParsedFlags<typeof FLAGS>): string {
  const url = String(details["url"]);
  const hooks = details["hooks"] as readonly string[];
  const completes = hooks.some((hook) => /Completion$|Chunk$/.test(hook));
  const predicts = !completes || hooks.some((hook) => /^(preprocess|predict|postprocess)$/.test(hook));
  const rows = [
    ...(predicts ? [["predict", `${url}/v1/models/${values.model_name}:predict`]] : []),
    ...(completes ? [["chat", `${url}${values.openai_route_prefix}/v1/chat/completions`]] : []),
    ...(values.enable_playground ? [["playground", `${url}/playground`]] : []),
    ...(values.enable_docs_url === true ? [["API page", `${url}/docs`]] : []),
    ["metrics", `${url}/metrics`],
  ];
  return `\n${rows.map(([name = "", address = ""]) => `  ${name.padEnd(12)}${address}`).join("\n")}\n\n`;
}
