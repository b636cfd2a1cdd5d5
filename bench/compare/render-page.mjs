/** The results as Markdown, between two marks of docs/benchmarks.md; a test compares the page with results.json. */
import { readFileSync, writeFileSync } from "node:fs";
import { NAMES } from "./contenders.mjs";

const page = new URL("../../docs/benchmarks.md", import.meta.url);
const MARKS = /(<!-- results -->\n)[\s\S]*?(<!-- end of results -->)/;

/** Puts the results of `run` into the page. */
export function writePage(run) {
  const text = readFileSync(page, "utf8");
  writeFileSync(
    page,
    text.replace(MARKS, (_, start, end) => `${start}\n${renderResults(run)}\n${end}`),
  );
}

/** @returns every table of the page */
export function renderResults({ machine, rounds, seconds, starts, scenarios }) {
  return [
    `${machine.cores} cores, Node ${machine.node}, Python ${machine.python}, KServe's SDK ${machine.kserve}, Pillow ${machine.pillow}, nginx ${machine.nginx};`,
    `medians of ${rounds} rounds of ${seconds} seconds each. Behind a median stand the smallest and the largest of the rounds.`,
    ...["", "### At a glance", "", renderGlance(scenarios)],
    ...["", "### Start and packages", "", renderStarts(starts)],
    ...scenarios.flatMap((scenario) => ["", `### ${scenario.title}`, "", scenario.about, "", renderScenario(scenario)]),
    "",
  ].join("\n");
}

/** Ours against each contender at 32 connections. */
function renderGlance(scenarios) {
  const lines = scenarios.flatMap(({ title, contenders }) =>
    contenders.flatMap(({ name, at }) => {
      const measured = at.find(({ concurrency }) => concurrency === 32);
      if (name === "ours" || measured === undefined) return [];
      return [[title, NAMES[name], times(measured.rateRatio), times(measured.cpuRatio)]];
    }),
  );
  return table(
    ["32 connections", "against", "requests per second, ours by theirs", "CPU a request, theirs by ours"],
    lines,
  );
}

function renderStarts(starts) {
  const lines = Object.entries(starts).map(([name, { ready, idle, packages }]) => [
    ...[NAMES[name], spread(ready, " ms"), spread(idle, " MB"), `${packages} MB`],
  ]);
  return table(["no hooks", "start to ready", "idle memory", "installed packages"], lines);
}

export function renderScenario({ contenders }) {
  const lines = contenders.flatMap(({ name, idle, peak, at }) =>
    at.map(({ concurrency, rate, cpu, p50, p95, p99 }, i) => [
      ...[i === 0 ? NAMES[name] : "", concurrency, spread(rate), `${cpu.median} ms`],
      ...[p50, p95, p99].map((time) => `${time} ms`),
      i === 0 ? `${idle} → ${peak} MB` : "",
    ]),
  );
  const head = ["", "connections", "requests per second", "CPU a request", "p50", "p95", "p99", "memory, idle → peak"];
  return table(head, lines);
}

function times({ median, least, most }) {
  return `${median} × (${least}–${most})`;
}

function spread({ median, least, most }, unit = "") {
  return `${median}${unit} (${least}–${most})`;
}

function table(head, lines) {
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
