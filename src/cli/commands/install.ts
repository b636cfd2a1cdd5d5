import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { InferenceError, invalidArgument } from "../../errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { parseFlags } from "../flags/parse-flags.ts";
import type { FoundTransformer } from "../transformer/find-transformer.ts";

export const command: Command = {
  usage: "[FOLDER]",
  summary:
    "Installs what a package.json beside the transformer needs to run, by npm ci where there is a lock: for a Dockerfile.\n" +
    "Then imports the transformer's module once, so that what was compiled is in the image and each start finds it.",
  flags: {},
  examples: ["RUN kserve-transformer install"],
  run,
};

async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  const { positionals, unknown } = parseFlags({}, argv);
  if (unknown.length > 0) throw invalidArgument(`${unknown.join(", ")}: install has no flags`);
  if (positionals.length > 1) throw invalidArgument(`expected one folder, got ${positionals.join(" ")}`);
  const folder = resolve(context.cwd, positionals[0] ?? ".");
  if (!existsSync(join(folder, "package.json"))) {
    context.print(`no package.json in ${folder}: nothing to install\n`);
  } else {
    const code = await installPackages(folder, context);
    if (code !== 0) return code;
  }
  await compileBeforehand(folder, context);
  return 0;
}

async function installPackages(folder: string, context: CommandContext): Promise<number> {
  const isLocked = existsSync(join(folder, "package-lock.json"));
  // A cache of its own, which no layer of an image keeps: the user of an image may have no home folder to write to.
  const cache = mkdtempSync(join(tmpdir(), "kserve-transformer-install-"));
  try {
    const words = isLocked ? ["ci"] : ["install", "--no-package-lock"];
    return await npm([...words, "--omit=dev", "--no-audit", "--no-fund", `--cache=${cache}`], folder, context);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

async function npm(args: readonly string[], folder: string, { env, signal }: CommandContext): Promise<number> {
  const child = spawn("npm", args, {
    cwd: folder,
    stdio: "inherit",
    signal,
    // onnxruntime-node would download libraries for GPUs; those of the processor are in its package.
    env: { ONNXRUNTIME_NODE_INSTALL: "skip", ...env, npm_config_update_notifier: "false" },
  });
  const ended = once(child, "exit");
  const failed = once(child, "error").then(([error]) => {
    throw error;
  });
  try {
    const [code] = await Promise.race([ended, failed]);
    return code ?? 1;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new InferenceError(
      "there is no npm here: install in a build stage from an image that has it, and copy node_modules",
      { code: "invalid_argument", cause },
    );
  }
}

/** A module that hangs at its import must not hold a build. */
const LONGEST_IMPORT_MS = 30_000;

/**
 * Node and jiti keep what they compile (`cacheFolder`). A module that cannot be imported without what a cluster gives it, or that
 * is not there yet, is compiled when it is served.
 */
async function compileBeforehand(folder: string, { env, cwd, warn }: CommandContext): Promise<void> {
  const { findTransformer } = await import("../transformer/find-transformer.ts");
  let found: FoundTransformer;
  try {
    found = findTransformer(env["TRANSFORMER"] || undefined, folder);
  } catch {
    return;
  }
  try {
    const { importTransformer } = await import("../transformer/load-transformer.ts");
    const imported = Promise.all([import("./serve.ts"), importTransformer(found, cwd)]);
    await Promise.race([imported, delay(LONGEST_IMPORT_MS, undefined, { ref: false })]);
  } catch (error) {
    warn(`not compiled beforehand: ${(error as Error).message}\n`);
  }
}
