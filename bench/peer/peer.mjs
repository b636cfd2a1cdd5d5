/**
 * A transformer without hooks, ours and that of KServe's Python SDK, before the same predictor in one run: small V1 requests
 * at concurrency 16. Prints requests per second, CPU per request and idle memory of each process, and the ratios.
 *
 *     npm run build && node bench/peer/peer.mjs PYTHON      (a Python that has kserve)
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { load, startFixedPredictor } from "../server/raw-load.mjs";
import { median, memoryOf, spawnPython, whenReady } from "./processes.mjs";

const [, , python = "python3"] = process.argv;
const ROUNDS = 5;
const MILLISECONDS = 3000;
const body = '{"instances":[[6.8,2.8,4.8,1.4],[6.0,3.4,4.5,1.6]]}';
const request = Buffer.from(
  `POST /v1/models/m:predict HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
);

const predictor = await startFixedPredictor('{"predictions":[1,1]}');
const address = `127.0.0.1:${predictor.address().port}`;
const servers = { ours: await startOurs(), python: await startPython() };
const rows = { ours: [], python: [] };
for (const [name, { child }] of Object.entries(servers))
  console.log(`${name}: ${memoryOf(child.pid).toFixed(0)} MB idle`);
for (const { port } of Object.values(servers)) await load(port, request, 16, 1500);
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, server] of Object.entries(servers)) rows[name].push(await measure(server));
}
for (const [name, runs] of Object.entries(rows)) {
  const rps = median(runs.map((run) => run.rps));
  console.log(
    `${name}: ${rps.toFixed(0)} requests/s, ${median(runs.map((run) => run.micros)).toFixed(0)} µs CPU a request`,
  );
}
const ratios = (key) => rows.ours.map((run, round) => run[key] / rows.python[round][key]);
console.log(`ours/python, requests per second: ${median(ratios("rps")).toFixed(1)}`);
console.log(`python/ours, CPU per request:     ${(1 / median(ratios("micros"))).toFixed(1)}`);
for (const { child } of Object.values(servers)) child.kill();
predictor.close();
process.exit();

async function startOurs() {
  const child = fork(new URL("../server/our-proxy.mjs", import.meta.url), [`http://${address}`]);
  const [{ port }] = await once(child, "message");
  return { child, port };
}

async function startPython() {
  const started = await spawnPython(python, address);
  await whenReady(started);
  return started;
}

async function measure({ child, port }) {
  const before = cpuOf(child.pid);
  const answers = await load(port, request, 16, MILLISECONDS);
  return { rps: (answers * 1000) / MILLISECONDS, micros: (cpuOf(child.pid) - before) / answers };
}

/** Microseconds of CPU of a process, from /proc: fields 14 and 15 in ticks of 10 ms. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
