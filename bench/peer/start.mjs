/**
 * From start to ready, idle memory and installed packages of a transformer without hooks: ours, and that of KServe's Python SDK,
 * in alternation. Prints the medians and the ratios.
 *
 *     npm run build && node bench/peer/start.mjs PYTHON      (a Python that has kserve)
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const [, , python = "python3"] = process.argv;
const ROUNDS = 7;
const root = fileURLToPath(new URL("../..", import.meta.url));
const flags = ["--model_name", "m", "--predictor_host", "127.0.0.1:9"];

const kinds = {
  ours: {
    command: process.execPath,
    argv: [join(root, "dist/src/cli/main.js"), "serve", `${root}bench/peer/plain.mjs`],
  },
  python: { command: python, argv: [join(root, "bench/peer/python_transformer.py")] },
};
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

/** Milliseconds until the model's readiness is 200, and the memory a second later. */
async function start({ command, argv }) {
  const port = await freePort();
  const ports = ["--http_port", port, "--grpc_port", await freePort()];
  const from = performance.now();
  const child = spawn(command, [...argv, ...flags, ...ports], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}/v2/health/live`;
  while (
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`${command} ${argv.join(" ")} ended with ${child.exitCode}`);
    await delay(5);
  }
  const ready = performance.now() - from;
  await delay(1000);
  const idle = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]) / 1024;
  child.kill();
  await once(child, "exit");
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

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
