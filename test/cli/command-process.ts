import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const KERNELS = ["src/image/resample/kernel.wasm", "src/tensor/number-text/kernel/text-kernel.wasm"];
const JOIN = "scripts/join-modules.mjs";
const builds = join(root, ".cache/command");

/**
 * The real command, compiled from the source as it is now and joined as the package's is: a build is found again by a digest of
 * what went into it, so that it can be neither stale nor made twice. It lies as a package does: package.json beside dist/.
 */
export function buildCommand(): string {
  built ??= findBuild();
  return built;
}

/** Within one test file the command stays the same. */
let built: string | undefined;

function findBuild(): string {
  const folder = join(builds, sourceDigest());
  const main = join(folder, "dist/src/cli/main.js");
  if (existsSync(main)) return main;
  removeOldBuilds();
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  compile(join(making, "dist"));
  cpSync(join(root, "package.json"), join(making, "package.json"));
  joinModules(making);
  for (const kernel of KERNELS) cpSync(join(root, kernel), join(making, "dist", kernel));
  try {
    renameSync(making, folder);
  } catch (error) {
    if (!existsSync(main)) throw error;
    rmSync(making, { recursive: true });
  }
  return main;
}

/** Without a check of types: that is another command's. */
function compile(folder: string): void {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const argv = ["-p", join(root, "tsconfig.build.json"), "--outDir", folder, "--noCheck"];
  argv.push("--declaration", "false", "--isolatedDeclarations", "false");
  const { status, stdout } = spawnSync(process.execPath, [compiler, ...argv], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the command cannot be compiled:\n${stdout}`);
}

function joinModules(folder: string): void {
  const { status, stderr } = spawnSync(process.execPath, [join(root, JOIN), folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the command's modules cannot be joined:\n${stderr}`);
}

function sourceDigest(): string {
  const digest = createHash("sha256").update(process.version);
  const files = ["src", "transformers"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  );
  for (const file of ["package.json", "tsconfig.json", "tsconfig.build.json", JOIN, ...files.sort()]) {
    if (statSync(join(root, file)).isFile()) digest.update(`${file}\0`).update(readFileSync(join(root, file)));
  }
  return digest.digest("hex").slice(0, 16);
}

function removeOldBuilds(): void {
  if (!existsSync(builds)) return;
  for (const name of readdirSync(builds)) {
    const folder = join(builds, name);
    if (Date.now() - statSync(folder).mtimeMs > 3_600_000) rmSync(folder, { recursive: true, force: true });
  }
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface FinishedCommand {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. Its environment is what is given and nothing of the test's own but PATH. */
export function runCommand(argv: readonly string[], options: CommandOptions): Promise<FinishedCommand> {
  return startCommand(argv, options).ended;
}

/** The same, for a test that sends it signals. */
export function startCommand(argv: readonly string[], options: CommandOptions): Pick<RunningCommand, "kill" | "ended"> {
  const child = spawnCommand(argv, options);
  const output = collect(child);
  const ended = once(child, "close").then(([code]) => ({ code, ...output() }));
  return { kill: (signal) => void child.kill(signal), ended };
}

export interface RunningCommand {
  readonly url: string;
  readonly pid: number;
  /** The lines of the log so far. */
  logs(): readonly Record<string, unknown>[];
  /** Sends a signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<FinishedCommand>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<FinishedCommand>;
}

/** Starts `serve` on a free port of loopback and waits until it is ready. */
export async function startServe(argv: readonly string[], options: CommandOptions): Promise<RunningCommand> {
  const child = spawnCommand(["serve", ...argv, "--host", "127.0.0.1", "--http_port", "0"], options);
  const output = collect(child);
  const ended = once(child, "close").then(([code]) => ({ code, ...output() }));
  const url = await readyUrl(child);
  if (url === undefined) throw new Error(`serve ended before it was ready: ${JSON.stringify(await ended)}`);
  return {
    url,
    pid: child.pid ?? 0,
    ended,
    logs: () => parseLogs(output().stdout),
    kill: (signal) => void child.kill(signal),
    end: (signal = "SIGTERM") => {
      child.kill(signal);
      return ended;
    },
  };
}

/** The JSON lines of a log. */
export function parseLogs(stdout: string): Record<string, unknown>[] {
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}

function spawnCommand(argv: readonly string[], { cwd, env }: CommandOptions): ChildProcess {
  return spawn(process.execPath, [buildCommand(), ...argv], {
    cwd,
    // A package.json that somebody left above the folder would have Node 24 warn of its missing type.
    env: {
      PATH: process.env["PATH"],
      HOME: cwd,
      NODE_OPTIONS: "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  return () => output;
}

async function readyUrl(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /ready at (https?:\/\/[^ ]+):/.exec(line)?.[1];
    if (url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  return undefined;
}
