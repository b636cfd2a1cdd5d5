import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { basename, dirname, extname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SERVE_FLAGS } from "../../contract/flags.ts";
import type { Command, CommandContext } from "../command.ts";
import { toFlagEnvironment } from "../environment.ts";
import { findTransformer } from "../find-transformer.ts";
import { formatLogLine } from "../format-log-line.ts";
import { parseFlags } from "../parse-flags.ts";

export const command: Command = {
  usage: "[FILE|FOLDER|NAME] [flags of serve]",
  summary:
    "Serves a transformer as `serve` does, with a log for people, and starts it anew when a file beside it changes.",
  flags: SERVE_FLAGS,
  examples: ["kserve-transformer dev clothing.ts --predictor onnx:./clothing.onnx"],
  run,
};

async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const { env, cwd, signal } = context;
  const { positionals } = parseFlags(SERVE_FLAGS, argv, toFlagEnvironment(env));
  const { path } = findTransformer(positionals[0] ?? (env["TRANSFORMER"] || undefined), cwd);
  const changes = new Changes(dirname(path));
  signal.addEventListener("abort", () => changes.close(), { once: true });
  for (;;) {
    const child = startServe(argv, context);
    const file = await changes.next();
    await end(child);
    if (file === undefined) return 0;
    context.print(`${file} has changed: starting anew\n`);
  }
}

/** On unless the user says otherwise. */
const PAGES = ["--enable_playground", "--playground_sources"];

/** A process of its own for every start: modules that were imported cannot be imported anew. */
function startServe(argv: readonly string[], { env, cwd, print }: CommandContext): ChildProcess {
  const main = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [main, "serve", ...PAGES, ...argv], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const color = process.stdout.isTTY === true;
  createInterface({ input: child.stdout }).on("line", (line) => print(`${formatLogLine(line, color)}\n`));
  return child;
}

/** SIGINT, since nobody drains here; a process that has ended by itself stays so until a file changes. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGINT");
  await exited;
}

/** The changes of a folder's own files; editors make several of one save, which count as one. */
class Changes {
  readonly #watcher: ReturnType<typeof watch>;
  #timer: NodeJS.Timeout | undefined;
  #changed: string | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(folder: string) {
    this.#watcher = watch(folder, (_event, file) => {
      if (file === null || basename(file).startsWith(".") || file.endsWith("~")) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#changed = file;
        this.#wake?.();
      }, 100);
    });
  }

  /** The next file that changes, or has since the last call; undefined once closed. */
  async next(): Promise<string | undefined> {
    if (this.#changed === undefined && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const changed = this.#changed;
    this.#changed = undefined;
    return this.#closed ? undefined : changed;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watcher.close();
    this.#wake?.();
  }
}
