import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Step } from "./parse-page.ts";

const READY = /ready at http/;
const READY_MS = 60_000;

/** One reader: a working folder that `cd` changes, and the terminals that still run something. */
export class Reader {
  #folder: string;
  readonly #terminals: ChildProcess[] = [];
  readonly #env: NodeJS.ProcessEnv;

  /** The environment is a user's: npm does not run this reader from a script of ours. */
  constructor(folder: string) {
    this.#folder = folder;
    const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
    this.#env = Object.fromEntries(Object.entries(env).filter(([name]) => !name.toLowerCase().startsWith("npm_")));
  }

  /** Does what the step says; throws with the whole output where it does not come out as the page says. */
  async follow(step: Step): Promise<void> {
    if (step.kind === "write") {
      const path = join(this.#folder, step.file);
      if (!existsSync(path)) throw new Error(`the page writes ${step.file}, which the project does not have`);
      writeFileSync(path, step.text);
      return;
    }
    if (step.stays) return this.#keepRunning(step.commands.join("\n"));
    const { code, stdout, output } = await this.#run(step.commands.join("\n"));
    if (code !== 0) throw new Error(`${step.commands.join("; ")} ended with ${code}:\n${output}`);
    for (const { language, text } of step.shown) {
      if (language === "json") expect(JSON.parse(stdout)).toEqual(JSON.parse(text));
      else for (const line of text.trim().split("\n")) expect(output).toContain(line);
    }
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    for (const terminal of this.#terminals) {
      if (terminal.exitCode !== null || terminal.pid === undefined) continue;
      // The group: npm hands a signal to nobody.
      process.kill(-terminal.pid, "SIGTERM");
      await once(terminal, "close");
    }
  }

  async #run(script: string): Promise<{ code: number | null; stdout: string; output: string }> {
    const place = join(this.#folder, "..", `.folder-${process.pid}`);
    // As a person does, one command after the other, until one fails.
    const shell = this.#spawn(`set -e\n${script}\npwd > '${place}'`);
    let stdout = "";
    let output = "";
    shell.stdout?.on("data", (chunk) => {
      stdout += String(chunk);
      output += String(chunk);
    });
    shell.stderr?.on("data", (chunk) => {
      output += String(chunk);
    });
    const [code] = await once(shell, "close");
    if (code === 0) this.#folder = readFileSync(place, "utf8").trimEnd();
    return { code, stdout, output };
  }

  async #keepRunning(script: string): Promise<void> {
    const shell = this.#spawn(script);
    this.#terminals.push(shell);
    let output = "";
    for (const stream of [shell.stdout, shell.stderr]) {
      stream?.on("data", (chunk) => {
        output += String(chunk);
      });
    }
    const late = performance.now() + READY_MS;
    while (!READY.test(output)) {
      if (shell.exitCode !== null || performance.now() > late) throw new Error(`${script} is not ready:\n${output}`);
      await delay(50);
    }
  }

  #spawn(script: string): ChildProcess {
    const options = { cwd: this.#folder, env: this.#env, detached: true } as const;
    return spawn("bash", ["-c", script], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  }
}
