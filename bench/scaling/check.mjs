/**
 * The simulation beside the server: a transformer whose hooks burn a few milliseconds before a predictor that takes 10 ms,
 * on one core and on two, at several loads. What the simulation is told is the CPU a request in the same run, and what is left
 * of the time at a low load. Needs Linux with taskset; other work on the machine shows in the measured column.
 *
 *     npm run build && node bench/scaling/check.mjs [--write]
 */
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cpuOfTree, freePort, stop, whenReady } from "../compare/processes.mjs";
import { openLoad } from "./open-load.mjs";
import { percentiles, simulate } from "./simulate.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PREDICTOR_SECONDS = 0.01;
const SECONDS = 20;
const ask = { path: "/v1/models/m:predict", body: '{"instances":[[6.8,2.8,4.8,1.4]]}' };

const predictor = fork(new URL("../compare/fixed-predictor.mjs", import.meta.url));
predictor.send({ response: '{"predictions":[1]}', delayMs: PREDICTOR_SECONDS * 1000 });
const [{ port: predictorPort }] = await once(predictor, "message");
const rows = [];
for (const cores of [1, 2]) {
  const server = await start(cores);
  await openLoad({ ...ask, port: server.port, rate: 40 * cores, seconds: 4 });
  const low = await measure(server, 20, 10);
  const wire = Math.max(0, percentiles(low.times).p50 - low.cpu - PREDICTOR_SECONDS);
  for (const aim of [0.3, 0.5, 0.7, 0.8]) {
    const rate = (aim * cores) / low.cpu;
    const { times, cpu } = await measure(server, rate, SECONDS);
    const measured = percentiles(times);
    const simulated = simulate({
      ...{ rate, loops: cores, wire, cpu: { mean: cpu, variation: 0.1 }, requests: 50_000 },
      predictor: { replicas: 1, slots: 10_000, time: { mean: PREDICTOR_SECONDS } },
    });
    const row = { cores, load: (rate * cpu) / cores, rate, cpu, measured, simulated };
    console.log(format(row));
    rows.push(row);
  }
  await stop(server);
}
predictor.kill();
if (process.argv.includes("--write"))
  writeFileSync(new URL("check.json", import.meta.url), `${JSON.stringify(rows, (_, value) => rounded(value), 1)}\n`);
process.exit();

async function start(cores) {
  const port = await freePort();
  const command = [
    "dist/src/cli/main.js",
    "serve",
    "bench/scaling/burning.mjs",
    "--host",
    "127.0.0.1",
    "--model_name",
    "m",
  ];
  const flags = ["--predictor_host", `127.0.0.1:${predictorPort}`, "--http_port", `${port}`, "--workers", `${cores}`];
  const argv = ["-c", cores === 1 ? "0" : "0,1", process.execPath, ...command, ...flags];
  const child = spawn("taskset", argv, { cwd: root, stdio: "ignore" });
  const server = { child, port };
  await whenReady(server);
  return server;
}

async function measure({ child, port }, rate, seconds) {
  const before = cpuOfTree(child.pid);
  const times = await openLoad({ ...ask, port, rate, seconds });
  return { times, cpu: (cpuOfTree(child.pid) - before) / 1000 / times.length };
}

function format({ cores, load, rate, measured, simulated }) {
  const pair = (key) => `${key} ${ms(measured[key])} measured, ${ms(simulated[key])} simulated`;
  return `${cores} core(s), ${(load * 100).toFixed(0)} %, ${rate.toFixed(0)}/s: ${pair("p50")}; ${pair("p95")}; ${pair("p99")}`;
}

function ms(seconds) {
  return `${(seconds * 1000).toFixed(1)} ms`;
}

function rounded(value) {
  return typeof value === "number" ? Number(value.toPrecision(3)) : value;
}
