/**
 * The long run of the fuzz tests: `node fuzz/run.mjs --requests 1000000 [--seed 1]`. Ends with 1 and the smallest input that
 * it found when a decoder does anything but answer or refuse, takes a second of processor time, or leaves a rejected promise.
 * `--connections 200000` plays HTTP/2 frames in every order to a whole server instead: it ends with 1 when one ends the process,
 * stays open, holds the server up, or leaves a descriptor or a timer.
 */
import { parseArgs } from "node:util";
import "../bench/typescript.mjs";

const { default: fc } = await import("fast-check");
const { createDecoders } = await import("./decoders.ts");

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "100000" },
    connections: { type: "string" },
    seed: { type: "string", default: String(Date.now() & 0x7fffffff) },
  },
});
const requests = Number(values.requests);
const seed = Number(values.seed);
const say = (line) => process.stdout.write(`${line}\n`);

let rejections = 0;
process.on("unhandledRejection", (error) => {
  rejections += 1;
  say(`unhandled rejection: ${error?.stack ?? error}`);
});

say(`seed ${seed}`);
if (values.connections !== undefined) {
  await playConnections(Number(values.connections));
  process.exit();
}

const decoders = createDecoders();
const weights = decoders.reduce((sum, { weight }) => sum + weight, 0);
const started = performance.now();
let sent = 0;
let failed = 0;
for (const { name, weight, property } of decoders) {
  const numRuns = Math.ceil((requests * weight) / weights);
  const begun = performance.now();
  const result = await fc.check(property, { numRuns, seed });
  sent += result.numRuns;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  say(`${name}: ${result.numRuns} in ${seconds} s${result.failed ? ", FAILED" : ""}`);
  if (!result.failed) continue;
  failed += 1;
  say(fc.defaultReportMessage(result));
}
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
say(`${sent} generated inputs in ${minutes} min: ${failed} decoders failed, ${rejections} unhandled rejections`);
process.exitCode = failed + rejections === 0 ? 0 : 1;

async function playConnections(connections) {
  const { runHttp2 } = await import("./http2.ts");
  const begun = performance.now();
  const { connections: played, failure, before, after } = await runHttp2({ connections, seed });
  const held = `descriptors ${before.descriptors} → ${after.descriptors}, timers ${before.timers} → ${after.timers}`;
  const leaks = after.descriptors > before.descriptors || after.timers > before.timers;
  say(`${played} HTTP/2 connections in ${((performance.now() - begun) / 60_000).toFixed(1)} min: ${held}`);
  // The smallest connections may be megabytes.
  if (failure !== undefined) say(failure.slice(0, 20_000));
  process.exitCode = failure === undefined && !leaks ? 0 : 1;
}
