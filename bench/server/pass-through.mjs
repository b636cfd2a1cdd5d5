/**
 * Small V1 pass-through on one core: our server against a bare node:http + undici `request` proxy, in turns in one run.
 * Prints requests per second and CPU per request of the proxy process alone, and their ratios.
 *
 *     npm run build && node bench/server/pass-through.mjs
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { load, startFixedPredictor } from "./raw-load.mjs";

const ROUNDS = 5;
const MILLISECONDS = 3000;
const CONNECTIONS = 16;
const body = '{"instances":[[6.8,2.8,4.8,1.4],[6.0,3.4,4.5,1.6]]}';
const request = Buffer.from(
  `POST /v1/models/m:predict HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
);

const predictor = await startFixedPredictor('{"predictions":[1,1]}');
const host = `http://127.0.0.1:${predictor.address().port}`;
const proxies = { bare: await start("bare-proxy.mjs"), ours: await start("our-proxy.mjs") };
const rows = { bare: [], ours: [] };
for (const proxy of Object.values(proxies)) await load(proxy.port, request, CONNECTIONS, 1500);
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, proxy] of Object.entries(proxies)) rows[name].push(await measure(proxy));
}
for (const [name, runs] of Object.entries(rows)) {
  console.log(
    `${name}: ${median(runs, "rps").toFixed(0)} requests/s, ${median(runs, "micros").toFixed(1)} µs CPU a request`,
  );
}
console.log(`ratio ours/bare, requests per second: ${ratio("rps").toFixed(2)}`);
console.log(`ratio bare/ours, CPU per request:     ${(1 / ratio("micros")).toFixed(2)}`);
for (const proxy of Object.values(proxies)) proxy.child.kill();
predictor.close();
process.exit();

async function start(file) {
  const child = fork(new URL(file, import.meta.url), [host]);
  const [{ port }] = await once(child, "message");
  return { child, port };
}

async function cpuOf(child) {
  child.send("cpu");
  const [{ cpu }] = await once(child, "message");
  return cpu.user + cpu.system;
}

async function measure({ child, port }) {
  const before = await cpuOf(child);
  const answers = await load(port, request, CONNECTIONS, MILLISECONDS);
  return { rps: (answers * 1000) / MILLISECONDS, micros: ((await cpuOf(child)) - before) / answers };
}

function median(runs, key) {
  return runs.map((run) => run[key]).sort((a, b) => a - b)[Math.floor(runs.length / 2)];
}

/** Median of the ratios round by round, so that a machine that slows down slows both. */
function ratio(key) {
  const ratios = rows.ours.map((run, round) => run[key] / rows.bare[round][key]);
  return ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)];
}
