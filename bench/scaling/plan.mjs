/**
 * The tables of docs/scaling.md: from the costs that bench/compare measured to pods, targets and connections, by the seeded
 * simulation. `node bench/scaling/plan.mjs --write` renews the page; a test compares them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { followLoad } from "./autoscale.mjs";
import { unevenness } from "./connections.mjs";
import { simulate } from "./simulate.mjs";

const read = (file) => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
const page = new URL("../../docs/scaling.md", import.meta.url);
/** The share of a core that pods are planned with; the first table says why. */
const TARGET = 0.6;

/** Each table by the name of its mark in the page. */
export function renderTables() {
  return {
    wait: renderWait(),
    pods: renderPods(read("../compare/results.json").scenarios),
    rise: renderRise(),
    choice: renderChoice(),
    connections: renderConnections(),
    check: renderCheck(read("check.json")),
  };
}

/** One event loop; times in units of the CPU that a request takes. */
function renderWait() {
  const loads = [0.3, 0.5, 0.6, 0.7, 0.8, 0.9];
  const cells = loads.map((load) => [
    percent(load),
    ...[0, 1, 2].map((variation) => {
      const { p50, p99 } = simulate({ rate: load, loops: 1, cpu: { mean: 1, variation }, requests: 20_000 });
      return `${two(p50)} / ${two(p99)}`;
    }),
  ]);
  return table(["load", "all requests alike: p50 / p99", "exponential", "twice as uneven"], cells);
}

function renderPods(scenarios) {
  const rates = [1_000, 10_000, 100_000, 1_000_000];
  const cells = scenarios.map(({ title, contenders }) => {
    const cpu = cpuOf(contenders, "ours") / 1000;
    const sdk = cpuOf(contenders, "sdk") / 1000;
    return [title, ms(cpu), ...rates.map((rate) => cores(rate, cpu)), cores(1_000_000, sdk)];
  });
  const head = [
    "request",
    "CPU a request",
    ...rates.map((rate) => `${rate.toLocaleString("en")}/s`),
    "SDK, 1,000,000/s",
  ];
  return table(head, cells);
}

const cpuOf = (contenders, wanted) =>
  contenders.find(({ name }) => name === wanted).at.find(({ concurrency }) => concurrency === 32).cpu.median;

const cores = (rate, cpu) => Math.ceil((rate * cpu) / TARGET).toLocaleString("en");

/** Pods of 1,000 requests a second; the load was 20,000 and doubles. */
function renderRise() {
  const rises = { "at once": 0, "in a minute": 60, "in five minutes": 300 };
  const cells = Object.entries(rises).flatMap(([name, over]) =>
    [0.5, 0.6, 0.7, 0.8].map((target, i) => [
      ...[i === 0 ? name : "", percent(target)],
      ...["hpa", "kpa"].flatMap((rule) => [5, 30].map((start) => hurt(rule, over, target, start))),
    ]),
  );
  const head = ["doubles", "target", "HPA, pods start in 5 s", "HPA, 30 s", "KPA, 5 s", "KPA, 30 s"];
  return table(head, cells);
}

function hurt(rule, over, target, startSeconds) {
  const load = (second) => 20_000 * (second < 60 ? 1 : over === 0 ? 2 : 1 + Math.min(1, (second - 60) / over));
  const { overloaded, longest } = followLoad({ rule, load, seconds: 900, capacity: 1000, target, startSeconds });
  return overloaded === 0 ? "never" : `${overloaded} s, wait up to ${two(longest)} s`;
}

/** 16 transformers, 16 predictors of one request at a time, 20 ms each. */
function renderChoice() {
  const cells = [0.5, 0.7, 0.8, 0.9].map((load) => [
    percent(load),
    ...["own", "random", "least"].map((choice) => {
      const predictor = { replicas: 16, slots: 1, time: { mean: 0.02, variation: 0.2 }, choice };
      const options = { rate: (16 * load) / 0.02, loops: 16, cpu: { mean: 0.0005 }, predictor, requests: 20_000 };
      const { p50, p99 } = simulate(options);
      return `${ms(p50)} / ${ms(p99)}`;
    }),
  ]);
  const head = ["predictors' load", "its own, in the pod: p50 / p99", "any, at random", "any, the fewest in work"];
  return table(head, cells);
}

function renderConnections() {
  const pods = [4, 16, 64];
  const cells = [1, 4, 16, 64, 256].map((each) => [
    each,
    ...pods.map((count) => `${two(unevenness({ connections: each * count, pods: count }))} ×`),
  ]);
  return table(["connections a pod", ...pods.map((count) => `${count} pods`)], cells);
}

/** What check.mjs measured, beside the simulation of it. */
function renderCheck(rows) {
  const cells = rows.map(({ cores, load, rate, measured, simulated }) => [
    ...[cores, percent(load), `${Math.round(rate)}/s`],
    ...["p50", "p95", "p99"].map((key) => `${ms(measured[key])} / ${ms(simulated[key])}`),
  ]);
  return table(["cores", "load", "rate", "p50 measured / simulated", "p95", "p99"], cells);
}

function percent(share) {
  return `${Math.round(share * 100)} %`;
}

function ms(seconds) {
  return `${two(seconds * 1000)} ms`;
}

function two(value) {
  return Number(value.toPrecision(2)).toString();
}

function table(head, lines) {
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

if (process.argv.includes("--write")) {
  let text = readFileSync(page, "utf8");
  for (const [name, rendered] of Object.entries(renderTables())) {
    const marks = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
    text = text.replace(marks, (_, start, end) => `${start}\n${rendered}\n\n${end}`);
  }
  writeFileSync(page, text);
}
