#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { OWN_FLAGS } from "../contract/own-flags.ts";
import { InferenceError } from "../errors.ts";
import { addPeerFolder } from "../import-peer.ts";
import { nearestName } from "../nearest-name.ts";
import { packageRoot } from "../threads/package-entries.ts";
import type { Command, CommandContext } from "./command.ts";
import { compareVersions } from "./compare-versions.ts";
import { keepCompiledModules } from "./compile-cache.ts";
import { toFlagEnvironment } from "./flags/environment.ts";
import { formatHelp } from "./flags/format-help.ts";
import { parseFlags } from "./flags/parse-flags.ts";
import { onScriptEnded } from "./npm-script.ts";
import { quietGrpc } from "./quiet-grpc.ts";

interface Entry {
  readonly summary: string;
  readonly import: () => Promise<{ readonly command: Command }>;
}

/** Each command is imported only when it is asked for: `serve` must start fast and small. */
const COMMANDS: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ["serve", { summary: "Serve a transformer", import: () => import("./commands/serve.ts") }],
  ["dev", { summary: "Serve it, and restart whenever it changes", import: () => import("./commands/dev.ts") }],
  ["infer", { summary: "Send a request to a running transformer", import: () => import("./commands/infer.ts") }],
  ["bench", { summary: "Load a running server and measure it", import: () => import("./commands/bench.ts") }],
  ["batch", { summary: "Send the rows of a file through a transformer", import: () => import("./commands/batch.ts") }],
  [
    "manifest",
    { summary: "Print the InferenceService of a transformer", import: () => import("./commands/manifest.ts") },
  ],
  ["inspect", { summary: "Show how a model's folder is understood", import: () => import("./commands/inspect.ts") }],
  ["check", { summary: "Find what is wrong in a manifest", import: () => import("./commands/check.ts") }],
  ["doctor", { summary: "Find what is wrong here or at a URL", import: () => import("./commands/doctor.ts") }],
  [
    "install",
    { summary: "Install a transformer's dependencies into an image", import: () => import("./commands/install.ts") },
  ],
  ["init", { summary: "Make a project from a template", import: () => import("./commands/init.ts") }],
]);

// A reader that has left, as `| head` does, ends the command without a word, with the exit code that shells give it.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(128 + 13);
  throw error;
});
addPeerFolder(process.cwd());
keepCompiledModules(process.env);
quietGrpc(process.env);
process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  print: (text) => process.stdout.write(text),
  warn: (text) => process.stderr.write(text),
  signal: terminationSignal(),
});
// What a transformer left open must not keep the process once its command is done.
setTimeout(() => process.exit(), 250).unref();

async function main([name, ...argv]: readonly string[], context: CommandContext): Promise<number> {
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    context.print(formatOverview());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-v") {
    context.print(`${packageJson().version}\n`);
    return 0;
  }
  const entry = COMMANDS.get(name);
  if (entry === undefined) {
    const near = nearestName(name, [...COMMANDS.keys()]);
    const hint = near === undefined ? `; there are ${[...COMMANDS.keys()].join(", ")}` : `: did you mean ${near}?`;
    context.warn(`kserve-transformer: no command ${JSON.stringify(name)}${hint}\n`);
    return 2;
  }
  const { version, engines } = packageJson();
  const least = engines.node.replace(/^\D*/, "");
  if (compareVersions(process.versions.node, least) < 0) {
    context.warn(
      `kserve-transformer: ${version} needs Node ${least} or newer, and this is ${process.versions.node}: install a newer one, for example with nvm install 24\n`,
    );
    return 1;
  }
  try {
    const { command } = await entry.import();
    if (argv.includes("--help") || argv.includes("-h")) {
      context.print(formatHelp(name, command, { all: argv.includes("--all") }));
      return 0;
    }
    return await command.run(argv, context);
  } catch (error) {
    return report(error, context, isDebugging(argv, context));
  }
}

/** An InferenceError speaks for itself; anything else is a defect and shows where it happened. */
function report(error: unknown, { warn }: CommandContext, debug: boolean): number {
  if (!InferenceError.isInstance(error)) {
    warn(`kserve-transformer: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
  warn(`kserve-transformer: ${error.message}\n`);
  if (debug && error.cause instanceof Error) warn(`${error.cause.stack}\n`);
  return error.code === "invalid_argument" ? 2 : 1;
}

function isDebugging(argv: readonly string[], { env }: CommandContext): boolean {
  try {
    const { log_level: level } = parseFlags({ log_level: OWN_FLAGS.log_level }, argv, toFlagEnvironment(env)).values;
    return level === "debug" || level === "trace";
  } catch {
    return false;
  }
}

function formatOverview(): string {
  const rows = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return [
    "Usage: kserve-transformer COMMAND [arguments]",
    "",
    ...rows,
    "",
    "kserve-transformer COMMAND --help shows a command's flags.",
    "",
  ].join("\n");
}

function packageJson(): { readonly version: string; readonly engines: { readonly node: string } } {
  return JSON.parse(readFileSync(new URL("package.json", packageRoot()), "utf8"));
}

/** The first SIGTERM or SIGINT, or the end of npm, asks to end; the second ends at once, with the exit code that shells give it. */
function terminationSignal(): AbortSignal {
  const controller = new AbortController();
  for (const [name, number] of [
    ["SIGTERM", 15],
    ["SIGINT", 2],
  ] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + number);
      controller.abort(name);
    });
  }
  onScriptEnded(process.env, () => controller.abort("SIGTERM"));
  return controller.signal;
}
