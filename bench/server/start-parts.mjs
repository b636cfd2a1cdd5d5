/**
 * What a start is made of: the parts that `serve` with a .ts transformer loads, one after another in a fresh process, the
 * milliseconds and the memory that each adds; medians. Memory is resident memory (Linux).
 *
 *     npm run build && node bench/server/start-parts.mjs [RUNS]
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const runs = Number(process.argv[2] ?? 15);
const root = fileURLToPath(new URL("../..", import.meta.url));
const ours = (...files) => files.map((file) => `await import(${JSON.stringify(`${root}dist/src/${file}`)});`).join("");
const required = (...names) => names.map((name) => `require(${JSON.stringify(name)});`).join("");

/** In an order in which no part comes before one that it is made of. */
const PARTS = {
  "Node's own http, https, http2, zlib, threads": required("http", "https", "http2", "zlib", "worker_threads"),
  pino: required("pino"),
  "prom-client, with the API of OpenTelemetry": required("prom-client"),
  "ipaddr.js and lru-cache": 'await import("ipaddr.js"); await import("lru-cache");',
  "this package: the command and the server": ours("cli/commands/serve.js", "predictor/http/http-predictor.js"),
  "this package: what a transformer of pictures imports": ours("index.js", "image/index.js", "labels/index.js"),
  ...(process.features.typescript ? {} : { "jiti, which reads TypeScript on Node 20": required("jiti") }),
  "undici, not before the first call to a predictor": required("undici"),
};
const code = `
import { createRequire } from "node:module";
const require = createRequire(${JSON.stringify(`${root}package.json`)});
const measured = [];
let [time, memory] = [performance.now(), process.memoryUsage().rss];
measured.push([time, memory / 1e6]);
const mark = () => {
  const [now, rss] = [performance.now(), process.memoryUsage().rss];
  measured.push([now - time, (rss - memory) / 1e6]);
  [time, memory] = [performance.now(), rss];
};
${Object.values(PARTS)
  .map((part) => `${part} mark();`)
  .join("\n")}
process.stdout.write(JSON.stringify(measured));`;

const all = Array.from({ length: runs }, () => {
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", code], { cwd: root, encoding: "utf8" }),
  );
});
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
console.log("| part | ms | MB |\n| --- | --- | --- |");
for (const [index, name] of ["Node itself", ...Object.keys(PARTS)].entries()) {
  const [milliseconds, megabytes] = [0, 1].map((column) => median(all.map((run) => run[index][column])));
  console.log(`| ${name} | ${milliseconds.toFixed(0)} | ${megabytes.toFixed(1)} |`);
}
