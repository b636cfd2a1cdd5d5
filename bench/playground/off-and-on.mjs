/**
 * What the playground costs: milliseconds from start to ready, idle memory, and CPU per request of a small V1 request that
 * passes through, of servers without it and with it in alternation. `off` is measured twice: the ratio of one `off` to the other
 * is what the machine adds by itself.
 *
 *     npm run build && node bench/playground/off-and-on.mjs [ROUNDS]
 */
import { execFile, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cpuOf, freePort, median, memoryOf, stop, whenReady } from "../compare/processes.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const SERVERS = { off: [], "off again": [], on: ["--enable_playground"] };
const ROUNDS = Number(process.argv[2] ?? 5);
const CONNECTIONS = 8;
const run = promisify(execFile);

const folder = mkdtempSync(join(tmpdir(), "off-and-on-"));
const script = join(folder, "request.lua");
writeFileSync(script, `wrk.method = "POST"\nwrk.body = '{"instances": [[5.1, 3.5, 1.4, 0.2]]}'\n`);

const predictor = fork(path("../compare/fixed-predictor.mjs"));
predictor.send({ response: '{"predictions": [1]}' });
const [{ port: predictorPort }] = await once(predictor, "message");
try {
  const runs = Object.fromEntries(Object.keys(SERVERS).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const names = Object.keys(SERVERS);
    // Each name is the first one of some round: a machine that warms up favours none.
    for (const name of [...names.slice(round % 3), ...names.slice(0, round % 3)]) runs[name].push(await measure(name));
  }
  for (const name of Object.keys(SERVERS)) console.log(`${name.padEnd(10)}${describe(runs[name], runs.off)}`);
} finally {
  predictor.disconnect();
  rmSync(folder, { recursive: true });
}

async function measure(name) {
  const port = await freePort();
  const from = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...[path("../../dist/src/cli/main.js"), "serve", path("../compare/contenders/plain.mjs"), "--host", "127.0.0.1"],
      ...["--model_name", "m", "--predictor_host", `127.0.0.1:${predictorPort}`, "--http_port", `${port}`],
      ...["--drain_seconds", "0", ...SERVERS[name]],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  try {
    await whenReady({ child, port });
    const ready = performance.now() - from;
    await delay(1000);
    const idle = memoryOf(child.pid).now;
    await load(port, 2);
    const before = cpuOf(child.pid);
    const requests = await load(port, 4);
    return { ready, idle, cpu: ((cpuOf(child.pid) - before) * 1000) / requests, peak: memoryOf(child.pid).peak };
  } finally {
    await stop({ child });
  }
}

/** The number of requests that wrk had answered. @throws Error when one of them failed. */
async function load(port, seconds) {
  const url = `http://127.0.0.1:${port}/v1/models/m:predict`;
  const { stdout } = await run("wrk", ["-s", script, "-t1", `-c${CONNECTIONS}`, `-d${seconds}`, url]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  return Number(/(\d+) requests in/.exec(stdout)[1]);
}

function describe(measured, base) {
  const rows = [
    ["start to ready", "ready", "ms"],
    ["idle", "idle", "MB"],
    ["CPU a request", "cpu", "µs"],
    ["peak", "peak", "MB"],
  ];
  return rows
    .map(([title, key, unit]) => {
      const value = median(measured.map((each) => each[key]));
      // Of neighbours in time, so that a slow minute of the machine is in both.
      const ratio = median(measured.map((each, index) => each[key] / base[index][key]));
      return `${title} ${value.toFixed(value < 100 ? 1 : 0)} ${unit} (${ratio.toFixed(2)})`;
    })
    .join(", ");
}
