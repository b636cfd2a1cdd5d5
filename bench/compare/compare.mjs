/**
 * Every scenario of docs/benchmarks.md, all contenders side by side: one process each before the same predictor, in turns,
 * several rounds. Needs Linux (/proc), nginx, and a Python with kserve, Pillow, numpy, orjson, uvloop and aiohttp.
 *
 *     npm run bench -- --python .venv/bin/python [--rounds 5] [--seconds 3] [--only v1,v2-json] [--write]
 *
 * `--write` renews bench/compare/results.json and the page.
 */
import { execFileSync, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { NAMES, startContender } from "./contenders.mjs";
import { cpuOf, memoryOf, stop, whenReady } from "./processes.mjs";
import { load } from "./raw-load.mjs";
import { renderScenario, writePage } from "./render-page.mjs";
import { createScenarios, drawBenchPicture } from "./scenarios.mjs";
import { measureStarts } from "./starts.mjs";
import { summarize } from "./summarize.mjs";

const CONCURRENCY = [1, 8, 32, 128];
const { values: flags } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    only: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const python = flags.python;
const rounds = Number(flags.rounds);
const milliseconds = Number(flags.seconds) * 1000;

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

const picture = await drawBenchPicture();
const pictures = createServer((_, response) => response.end(picture)).listen(0, "127.0.0.1");
await once(pictures, "listening");
const scenarios = await createScenarios(`http://127.0.0.1:${pictures.address().port}/picture.jpg`, picture);
const wanted = flags.only?.split(",");
const known = ["starts", ...scenarios.map(({ id }) => id)];
for (const id of wanted ?? []) {
  if (!known.includes(id)) throw new Error(`--only ${id}: expected one of ${known.join(", ")}`);
}

const starts = wanted === undefined || wanted.includes("starts") ? await measureStarts(python, rounds) : undefined;
if (starts) console.log(starts);
const results = [];
for (const scenario of scenarios) {
  if (wanted && !wanted.includes(scenario.id)) continue;
  const { id, title, about } = scenario;
  const result = { id, title, about, contenders: summarize(await run(scenario)) };
  console.log(renderScenario(result));
  results.push(result);
}
if (flags.write) {
  const file = fileURLToPath(new URL("results.json", import.meta.url));
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const run = {
    machine: machine(),
    rounds,
    seconds: Number(flags.seconds),
    starts: starts ?? before.starts,
    scenarios: merge(before),
  };
  writeFileSync(file, `${JSON.stringify(run, null, 1)}\n`);
  writePage(run);
}
process.exit();

/** What this run did not measure stays as an earlier one left it. */
function merge({ scenarios: before = [] }) {
  const all = scenarios.map(({ id }) => [...results, ...before].find((result) => result.id === id));
  return all.filter((result) => result !== undefined);
}

/** Of each contender its memory and, for each concurrency, one measurement a round. */
async function run({ kind, protocol, contenders, request, response, metadata }) {
  const predictor = fork(new URL("fixed-predictor.mjs", import.meta.url));
  predictor.send({ response, metadata });
  const [{ port }] = await once(predictor, "message");
  const servers = [];
  process.once("exit", () => servers.map(({ child }) => child.kill("SIGKILL")));
  for (const name of contenders) {
    const server = await startContender(name, { kind, protocol, python, predictor: `127.0.0.1:${port}` });
    servers.push({ ...server, runs: Object.fromEntries(CONCURRENCY.map((concurrency) => [concurrency, []])) });
    await whenReady(server);
  }
  await delay(1000);
  for (const server of servers) server.idle = memoryOf(server.child.pid).now;
  for (const { port } of servers) await load(port, request, 8, 1500);
  for (const concurrency of CONCURRENCY) {
    for (let round = 0; round < rounds; round++) {
      for (const server of servers) server.runs[concurrency].push(await measure(server, request, concurrency));
    }
  }
  for (const server of servers) {
    server.peak = memoryOf(server.child.pid).peak;
    await stop(server);
  }
  predictor.kill();
  return servers;
}

async function measure({ name, child, port }, request, concurrency) {
  const [began, cpu] = [performance.now(), cpuOf(child.pid)];
  const times = await load(port, request, concurrency, milliseconds).catch((error) => {
    throw new Error(`${NAMES[name]} at ${concurrency}: ${error.message}`);
  });
  const seconds = (performance.now() - began) / 1000;
  const sorted = Float64Array.from(times).sort();
  const percentile = (share) => sorted[Math.ceil(share * sorted.length) - 1];
  return {
    rate: times.length / seconds,
    cpu: (cpuOf(child.pid) - cpu) / times.length,
    ...{ p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) },
  };
}

function machine() {
  const ask = (module) => `import importlib.metadata as m; print(m.version("${module}"))`;
  const version = (module) => execFileSync(python, ["-c", ask(module)], { encoding: "utf8" }).trim();
  return {
    cores: cpus().length,
    node: process.versions.node,
    python: execFileSync(python, ["-V"], { encoding: "utf8" }).trim().split(" ")[1],
    kserve: version("kserve"),
    pillow: version("Pillow"),
    nginx: /nginx\/(\S+)/.exec(spawnSync("nginx", ["-v"], { encoding: "utf8" }).stderr)[1],
  };
}
