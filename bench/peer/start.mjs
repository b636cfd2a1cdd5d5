/**
 * From start to ready, idle memory and installed packages of a transformer without hooks: ours, and that of KServe's Python SDK,
 * in alternation. Prints the medians and the ratios.
 *
 *     npm run build && node bench/peer/start.mjs PYTHON      (a Python that has kserve)
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, median, memoryOf, spawnPython, whenReady } from "./processes.mjs";

const [, , python = "python3"] = process.argv;
const ROUNDS = 7;
const root = fileURLToPath(new URL("../..", import.meta.url));
/** Nobody listens there: neither asks its predictor before it is ready. */
const PREDICTOR = "127.0.0.1:9";

const kinds = { ours: spawnOurs, python: () => spawnPython(python, PREDICTOR) };
const runs = { ours: [], python: [] };
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, kind] of Object.entries(kinds)) runs[name].push(await start(kind));
}
const megabytes = { ours: installedOurs(), python: installedPython() };
for (const name of Object.keys(kinds)) {
  const ready = median(runs[name].map((run) => run.ready));
  const idle = median(runs[name].map((run) => run.idle));
  console.log(
    `${name}: ready ${ready.toFixed(0)} ms, ${idle.toFixed(0)} MB idle, ${megabytes[name].toFixed(0)} MB of packages`,
  );
}
for (const key of ["ready", "idle"]) {
  console.log(
    `python/ours, ${key}: ${median(runs.ours.map((run, round) => runs.python[round][key] / run[key])).toFixed(1)}`,
  );
}
console.log(`python/ours, packages: ${(megabytes.python / megabytes.ours).toFixed(1)}`);

async function spawnOurs() {
  const port = await freePort();
  const flags = ["--model_name", "m", "--predictor_host", PREDICTOR, "--http_port", port];
  const argv = [join(root, "dist/src/cli/main.js"), "serve", join(root, "bench/peer/plain.mjs"), ...flags];
  return { child: spawn(process.execPath, argv, { stdio: "ignore" }), port };
}

/** Milliseconds until the model says that it is ready, and megabytes of memory a second later. */
async function start(spawnKind) {
  const from = performance.now();
  const started = await spawnKind();
  await whenReady(started);
  const ready = performance.now() - from;
  await delay(1000);
  const idle = memoryOf(started.child.pid);
  started.child.kill();
  await once(started.child, "exit");
  return { ready, idle };
}

/** Megabytes that `npm install` of the packed package takes. */
function installedOurs() {
  const folder = mkdtempSync(join(tmpdir(), "installed-"));
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: root }),
  );
  execFileSync("npm", ["install", "--silent", "--prefix", folder, join(folder, filename)]);
  const size = sizeOf(join(folder, "node_modules"));
  rmSync(folder, { recursive: true });
  return size;
}

function installedPython() {
  return sizeOf(
    execFileSync(python, ["-c", "import kserve, os; print(os.path.dirname(os.path.dirname(kserve.__file__)))"], {
      encoding: "utf8",
    }).trim(),
  );
}

function sizeOf(folder) {
  return Number(execFileSync("du", ["-sk", folder], { encoding: "utf8" }).split("\t")[0]) / 1000;
}
