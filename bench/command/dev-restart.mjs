/**
 * From saving a module to `restarted in`, by the watch: median, least and most of several saves, in `dev`.
 *
 *     npm run build && node bench/command/dev-restart.mjs
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
const SAVES = 11;
/** As long as a person takes at least: the process that waits for the next save is up again. */
const PAUSE_MS = 3000;

const cwd = mkdtempSync(join(tmpdir(), "dev-restart-"));
const save = (version) =>
  writeFileSync(
    join(cwd, "a.ts"),
    `import { type InferRequest, type InferResponse, Transformer } from "kserve-transformer";
export default class A extends Transformer {
  override preprocess(request: InferRequest): InferResponse {
    return request.reply({ predictions: [${version}] });
  }
}
`,
  );
save(0);
const argv = [main, "dev", "a.ts", "--host", "127.0.0.1", "--http_port", "0", "--predictor", "none"];
const child = spawn(process.execPath, argv, { cwd, stdio: ["ignore", "pipe", "inherit"] });
try {
  const seen = [];
  let began = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const told = /restarted in (\d+) ms/.exec(line)?.[1];
    if (told !== undefined) seen.push({ told: Number(told), whole: performance.now() - began });
    if (seen.length === SAVES) break;
    if (told === undefined && !/^ {2}metrics /.test(line)) continue;
    await delay(PAUSE_MS);
    began = performance.now();
    save(seen.length + 1);
  }
  for (const [name, key] of [
    ["save to restarted", "whole"],
    ["as dev says", "told"],
  ]) {
    const sorted = seen.map((one) => one[key]).sort((a, b) => a - b);
    const [median, least, most] = [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)];
    console.log(`${name}: median ${median.toFixed(0)} ms, ${least.toFixed(0)}–${most.toFixed(0)} ms`);
  }
} finally {
  child.kill();
  rmSync(cwd, { recursive: true });
}
