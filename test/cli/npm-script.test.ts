import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { jest } from "@jest/globals";
import { onScriptEnded } from "../../src/cli/npm-script.ts";
import { buildCommand } from "./command-process.ts";

let cwd: string;
let main: string;
let server: number | undefined;

beforeAll(() => {
  main = buildCommand();
}, 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "script-"));
  writeFileSync(
    join(cwd, "a.mjs"),
    'import { Transformer } from "kserve-transformer";\nexport default class A extends Transformer {\n  load() { console.log("pid", process.pid); }\n}',
  );
});
afterEach(() => {
  if (server !== undefined) {
    try {
      process.kill(server, "SIGKILL");
    } catch {}
  }
  rmSync(cwd, { recursive: true });
});

/** What npm runs for a script: a shell that waits for the command, and does not pass signals on. */
async function startScript(command: string, script: string): Promise<ChildProcess> {
  const flags = "--http_port 0 --host 127.0.0.1 --drain_seconds 0 --predictor none";
  const shell = spawn("sh", ["-c", `"${process.execPath}" "${main}" ${command} a.mjs ${flags}; true`], {
    cwd,
    env: { ...process.env, npm_lifecycle_script: script },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: shell.stdout as NodeJS.ReadableStream })) {
    const [, pid] = /pid (\d+)/.exec(line) ?? [];
    if (pid !== undefined) server = Number(pid);
    if (line.includes("ready at")) break;
  }
  return shell;
}

test.each(["serve", "dev"])(
  "%s in a script of npm ends when npm's shell was ended",
  async (command) => {
    const shell = await startScript(command, `kserve-transformer ${command} a.mjs`);
    shell.stdout?.resume();
    // The server holds this pipe for as long as it runs.
    const closed = once(shell, "close");
    shell.kill("SIGKILL");
    await closed;
  },
  60_000,
);

test.each([
  [1, "kserve-transformer serve a.ts"],
  [1, "npm run build && kserve-transformer dev a.ts > log.txt 2>&1"],
  [0, "kserve-transformer serve a.ts & sleep 1"],
  [0, "node tools/start.js"],
  [0, undefined],
])("%d watch(es) for the script %p: what starts in the background stays", (watches, script) => {
  jest.useFakeTimers();
  onScriptEnded({ npm_lifecycle_script: script }, () => undefined);
  expect(jest.getTimerCount()).toBe(watches);
  jest.useRealTimers();
});
