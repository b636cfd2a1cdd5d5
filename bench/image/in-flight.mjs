/**
 * Where the memory of pictures in flight is: a server as it is installed, 32 connections that each send a JPEG of 800 × 600 as
 * base64, a predictor that takes FP32 [299, 299, 3], as V1 text unless V2 is said; Linux only. Settings stand side by side, a
 * fresh process each, in turns.
 *
 *     npm run build && node --import ./bench/typescript.mjs bench/image/in-flight.mjs [--rounds 5] [--seconds 4] [--connections 32]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startContender } from "../compare/contenders.mjs";
import { cpuOf, median, memoryOf, stop, whenReady } from "../compare/processes.mjs";
import { load } from "../compare/raw-load.mjs";
import { createScenarios, drawBenchPicture } from "../compare/scenarios.mjs";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    connections: { type: "string", default: "32" },
  },
});
const SETTINGS = {
  "as it is": {},
  "MALLOC_ARENA_MAX=2": { MALLOC_ARENA_MAX: "2" },
  "--max-semi-space-size=4": { NODE_OPTIONS: "--max-semi-space-size=4" },
  "a V2 predictor, which takes bytes": { protocol: "v2" },
};
/** In the server, every 20 ms: the largest of what V8 tells of its main thread. */
const WATCHER = `
import { renameSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
const most = {};
if (isMainThread) setInterval(() => {
  for (const [name, bytes] of Object.entries(process.memoryUsage())) most[name] = Math.max(most[name] ?? 0, bytes / 1e6);
  writeFileSync(process.env.BENCH_MEMORY + ".part", JSON.stringify(most));
  renameSync(process.env.BENCH_MEMORY + ".part", process.env.BENCH_MEMORY);
}, 20).unref();`;

const scratch = mkdtempSync(join(tmpdir(), "in-flight-"));
writeFileSync(join(scratch, "watcher.mjs"), WATCHER);
const picture = await drawBenchPicture();
const { request, response } = (await createScenarios("", picture)).find(({ id }) => id === "picture-b64");
const metadata = JSON.stringify({
  name: "m",
  platform: "bench",
  extensions: ["binary_tensor_data"],
  versions: ["1"],
  inputs: [{ name: "image", datatype: "FP32", shape: [-1, 299, 299, 3] }],
  outputs: [{ name: "y", datatype: "FP32", shape: [-1, 3] }],
});
const outputs = JSON.stringify({
  model_name: "m",
  model_version: "1",
  outputs: [{ name: "y", datatype: "FP32", shape: [1, 3], data: [0.1, 0.2, 0.7] }],
});
const predictors = {
  v1: await startPredictor({ response }),
  v2: await startPredictor({ response: outputs, metadata }),
};

const runs = Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, []]));
for (let round = 0; round < Number(flags.rounds); round++) {
  for (const [name, settings] of Object.entries(SETTINGS)) runs[name].push(await measure(settings));
}
for (const [name, measured] of Object.entries(runs)) {
  const of = (key) => Math.round(median(measured.map((run) => run[key])));
  console.log(
    `${name}: idle ${of("idle")}, peak ${of("peak")}, five seconds later ${of("later")} MB; main thread's heap ${of("heapTotal")} ` +
      `(used ${of("heapUsed")}), array buffers ${of("arrayBuffers")} MB; ${of("rate")} pictures a second, ${of("cpu")} ms of CPU each`,
  );
}
for (const { child } of Object.values(predictors)) child.kill();
rmSync(scratch, { recursive: true });

async function startPredictor(answers) {
  const child = fork(new URL("../compare/fixed-predictor.mjs", import.meta.url));
  child.send(answers);
  const [{ port }] = await once(child, "message");
  return { child, address: `127.0.0.1:${port}` };
}

async function measure({ NODE_OPTIONS = "", protocol = "v1", ...settings }) {
  const watched = join(scratch, "most.json");
  const environment = {
    ...settings,
    BENCH_MEMORY: watched,
    NODE_OPTIONS: `${NODE_OPTIONS} --import=${join(scratch, "watcher.mjs")}`,
  };
  Object.assign(process.env, environment);
  const server = await startContender("ours", { kind: "pictures", protocol, predictor: predictors[protocol].address });
  for (const name of Object.keys(environment)) delete process.env[name];
  await whenReady(server);
  await delay(1000);
  const idle = memoryOf(server.child.pid).now;
  const connections = Number(flags.connections);
  await load(server.port, request, connections, 1000);
  const [began, cpu] = [performance.now(), cpuOf(server.child.pid)];
  const times = await load(server.port, request, connections, Number(flags.seconds) * 1000);
  const [seconds, used] = [(performance.now() - began) / 1000, cpuOf(server.child.pid) - cpu];
  const { peak } = memoryOf(server.child.pid);
  await delay(5000);
  const later = memoryOf(server.child.pid).now;
  await stop(server);
  const most = JSON.parse(readFileSync(watched, "utf8"));
  return { idle, peak, later, ...most, rate: times.length / seconds, cpu: used / times.length };
}
