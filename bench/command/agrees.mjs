/**
 * Whether `bench` finds what wrk and ghz find: the same server, the same request, in alternation. Prints for each concurrency the
 * median over the rounds of bench's figure divided by the other's.
 *
 *     npm run build && node bench/command/agrees.mjs wrk [ROUNDS]
 *     npm run build && node bench/command/agrees.mjs GHZ [ROUNDS]      (path of ghz)
 *
 * `ECHO_MS=10` gives the server a hook that takes so long; without it all that is measured are server and clients.
 */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const [, , other = "wrk", rounds = "5"] = process.argv;
const isGrpc = basename(other).startsWith("ghz");
const SECONDS = 3;
const CONCURRENCY = [1, 8, 32];
const root = fileURLToPath(new URL("../..", import.meta.url));
const main = `${root}dist/src/cli/main.js`;
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "agrees-"));

const BODY = '{"instances":[[1,2,3,4],[5,6,7,8]]}';
const CALL = {
  model_name: "echo",
  inputs: [{ name: "x", datatype: "INT64", shape: [2, 4], contents: { int64_contents: [1, 2, 3, 4, 5, 6, 7, 8] } }],
};

async function ours(url, concurrency) {
  const rows = isGrpc
    ? ['{"inputs":[{"name":"x","datatype":"INT64","shape":[2,4],"data":[1,2,3,4,5,6,7,8]}]}', "--protocol", "grpc"]
    : ["[1,2,3,4]", "[5,6,7,8]"];
  const timing = ["--duration_seconds", String(SECONDS), "--warm_up_seconds", "1"];
  const argv = [main, "bench", url, ...rows, "--concurrency", String(concurrency), ...timing, "--json", "-"];
  const { stdout } = await run(process.execPath, argv);
  const [{ failed, requests_per_second: perSecond, latency_ms: latency }] = JSON.parse(stdout).levels;
  return { perSecond, p50: latency.p50, p99: latency.p99, failed };
}

async function wrk(url, concurrency) {
  const script = join(folder, "post.lua");
  writeFileSync(script, `wrk.method="POST"\nwrk.body='${BODY}'\nwrk.headers["Content-Type"]="application/json"\n`);
  const argv = ["-t1", `-c${concurrency}`, `-d${SECONDS}s`, "--latency", "-s", script, `${url}/v1/models/echo:predict`];
  const { stdout } = await run(other, argv);
  const at = (share) => {
    const [, value, unit] = new RegExp(`${share}% +([\\d.]+)(us|ms|s)`).exec(stdout);
    return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  const failed = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  return { perSecond: Number(/Requests\/sec: +([\d.]+)/.exec(stdout)[1]), p50: at(50), p99: at(99), failed };
}

async function ghz(url, concurrency) {
  const proto = `${root}src/protocol/grpc/proto/inference.proto`;
  const call = ["--call", "inference.GRPCInferenceService.ModelInfer", "-d", JSON.stringify(CALL)];
  const load = ["-c", String(concurrency), "-z", `${SECONDS}s`, "-O", "json", "--duration-stop", "ignore"];
  const argv = ["--insecure", "--proto", proto, ...call, ...load, url.replace("http://", "")];
  const { stdout } = await run(other, argv, { maxBuffer: 2 ** 28 });
  const { rps, latencyDistribution, statusCodeDistribution } = JSON.parse(stdout);
  const at = (share) => latencyDistribution.find(({ percentage }) => percentage === share).latency / 1e6;
  const failed = Object.entries(statusCodeDistribution).reduce((sum, [code, n]) => sum + (code === "OK" ? 0 : n), 0);
  return { perSecond: rps, p50: at(50), p99: at(99), failed };
}

async function startServer() {
  const flags = ["--model_name=echo", "--host=127.0.0.1", "--http_port=0", "--drain_seconds=0", "--log_level=info"];
  const child = spawn(process.execPath, [main, "serve", `${root}bench/command/echo.mjs`, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /ready at (https?:\/\/[^ ]+):/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return { url, child };
  }
  throw new Error("the server ended before it was ready");
}

const { url, child } = await startServer();
const theirs = isGrpc ? ghz : wrk;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
try {
  await theirs(url, 8);
  for (const concurrency of CONCURRENCY) {
    const pairs = [];
    for (let round = 0; round < Number(rounds); round++) {
      // Each goes first as often as the other: what else the machine does changes while one waits.
      const [first, second] = round % 2 === 0 ? [ours, theirs] : [theirs, ours];
      const [a, b] = [await first(url, concurrency), await second(url, concurrency)];
      const [mine, their] = round % 2 === 0 ? [a, b] : [b, a];
      if (mine.failed > 0 || their.failed > 0) throw new Error(`failed: ${mine.failed} and ${their.failed}`);
      pairs.push([mine, their]);
    }
    const ratio = (key) => median(pairs.map(([mine, their]) => mine[key] / their[key])).toFixed(3);
    const figure = (side, key) => median(pairs.map((pair) => pair[side][key])).toFixed(2);
    const figures = ["perSecond", "p50", "p99"].map(
      (key) => `${key} ${ratio(key)} (${figure(0, key)} / ${figure(1, key)})`,
    );
    console.log(`concurrency ${concurrency}: bench / ${basename(other)}: ${figures.join(", ")}`);
  }
} finally {
  child.kill();
  rmSync(folder, { recursive: true });
}
