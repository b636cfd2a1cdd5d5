/**
 * From the start of `kserve-transformer serve clothing.ts` to ready, and the memory of the idle process: median of several
 * starts, the predictor remote as in a cluster.
 *
 *     npm run build && node bench/server/start.mjs
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const RUNS = 9;
const runs = [];
for (let run = 0; run <= RUNS; run++) {
  const measured = await start();
  // The first start fills the loader's cache, as the first start on a laptop does.
  if (run > 0) runs.push(measured);
}
const median = (key) => runs.map((run) => run[key]).sort((a, b) => a - b)[Math.floor(runs.length / 2)];
console.log(
  `start to ready: ${median("milliseconds").toFixed(0)} ms, idle memory: ${median("megabytes").toFixed(0)} MB`,
);

async function start() {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      `${root}dist/src/cli/main.js`,
      "serve",
      `${root}examples/clothing/clothing.ts`,
      "--host=127.0.0.1",
      "--http_port=0",
      "--predictor_host=127.0.0.1:9",
      "--drain_seconds=0",
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes("ready at")) continue;
    const milliseconds = performance.now() - began;
    await delay(500);
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"));
    child.kill();
    return { milliseconds, megabytes: Number(kilobytes) / 1024 };
  }
  throw new Error("the transformer ended before it was ready");
}
