import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand } from "../../cli/command-process.ts";
import { MISTAKES, type Mistake, moduleText, placeIn } from "./mistakes.ts";

let cwd: string;
beforeAll(() => {
  buildCommand();
  cwd = mkdtempSync(join(tmpdir(), "mistakes-"));
}, 60_000);
afterAll(() => rmSync(cwd, { recursive: true }));

/** What an author sees who starts the module and sends a request: the log, and then the response. */
async function tryOut(command: string, mistake: Mistake): Promise<{ log: string; response: string }> {
  const file = `${mistake.name}.ts`;
  writeFileSync(join(cwd, file), moduleText(mistake));
  const argv = [buildCommand(), command, file, "--host", "127.0.0.1", "--http_port", "0", "--predictor", "none"];
  const child = spawn(process.execPath, [...argv, "--drain_seconds", "0"], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, NODE_OPTIONS: "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON" },
  });
  try {
    let log = "";
    const url = new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          log += text;
          const ready = /ready at (http:\/\/[\d.:]+\d)/.exec(log)?.[1];
          if (ready !== undefined) resolve(ready);
        });
      }
      child.once("close", () => reject(new Error(`${command} ended before it was ready:\n${log}`)));
    });
    const path = `/v1/models/${mistake.modelName ?? "model"}:predict`;
    const response = await fetch((await url) + path, { method: "POST", body: '{"instances":[1]}' });
    const text = await response.text();
    child.kill("SIGTERM");
    await once(child, "close");
    return { log, response: text };
  } finally {
    child.kill("SIGKILL");
  }
}

describe.each(["dev", "serve"])("in %s", (command) => {
  test.each(MISTAKES.filter(({ members }) => members !== ""))(
    "$name: the log names it and the author's own line, once and before the framework's",
    async (mistake) => {
      const { log } = await tryOut(command, mistake);
      const place = placeIn(`${mistake.name}.ts`, moduleText(mistake)) ?? "";
      expect(log).toContain(mistake.message);
      expect(log.split(`${place}:`)).toHaveLength(2);
      expect(log.split(`${place}:`)[0]).not.toContain("/dist/src/");
      // serve writes JSON: an error's message, its stack and the line's own are three members.
      if (command === "dev") expect(log.split(mistake.message)).toHaveLength(2);
    },
    30_000,
  );

  test.each(MISTAKES.filter(({ members }) => members === ""))(
    "$name: the response names it, and the log blames no line of the module",
    async (mistake) => {
      const { log, response } = await tryOut(command, mistake);
      expect(JSON.parse(response)).toMatchObject({ error: mistake.message, code: "not_found" });
      expect(log).not.toMatch(/\.ts:\d/);
    },
    30_000,
  );
});
