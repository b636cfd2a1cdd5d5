/** From start to ready, idle memory and installed packages of a transformer without hooks: ours and the SDK's, in alternation. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startContender } from "./contenders.mjs";
import { memoryOf, stop, whenReady } from "./processes.mjs";
import { range } from "./summarize.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Nobody listens there: neither asks its predictor before it is ready. */
const predictor = "127.0.0.1:9";

export async function measureStarts(python, rounds) {
  const runs = { ours: [], sdk: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, measured] of Object.entries(runs)) measured.push(await start(name, python));
  }
  const packages = { ours: installedOurs(), sdk: installedPython(python) };
  return Object.fromEntries(
    Object.entries(runs).map(([name, measured]) => [
      name,
      {
        ready: range(measured.map(({ ready }) => ready)),
        idle: range(measured.map(({ idle }) => idle)),
        packages: Math.round(packages[name]),
      },
    ]),
  );
}

/** Milliseconds until the model says that it is ready, and megabytes of memory a second later. */
async function start(name, python) {
  const from = performance.now();
  const started = await startContender(name, { kind: "plain", predictor, python });
  await whenReady(started);
  const ready = performance.now() - from;
  await delay(1000);
  const idle = memoryOf(started.child.pid).now;
  await stop(started);
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

/** Megabytes of the folder that holds kserve and what it needs. */
function installedPython(python) {
  const where = "import kserve, os; print(os.path.dirname(os.path.dirname(kserve.__file__)))";
  return sizeOf(execFileSync(python, ["-c", where], { encoding: "utf8" }).trim());
}

function sizeOf(folder) {
  return Number(execFileSync("du", ["-sk", folder], { encoding: "utf8" }).split("\t")[0]) / 1000;
}
