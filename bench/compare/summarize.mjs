import { median } from "./processes.mjs";

/**
 * One entry a contender: medians of its rounds, the spread of its rate, and ours against it: the median of the ratios round
 * by round with the smallest and the largest, so that a machine that slows down slows both.
 */
export function summarize(servers) {
  const ours = servers.find(({ name }) => name === "ours");
  return servers.map(({ name, idle, peak, runs }) => ({
    name,
    ...{ idle: round(idle), peak: round(peak) },
    at: Object.entries(runs).map(([concurrency, measured]) => {
      const of = (key) => measured.map((run) => run[key]);
      const against = (ratio) => range(measured.map((run, i) => ratio(ours.runs[concurrency][i], run)));
      return {
        concurrency: Number(concurrency),
        ...{ rate: range(of("rate")), cpu: range(of("cpu")) },
        ...{ p50: round(median(of("p50"))), p95: round(median(of("p95"))), p99: round(median(of("p99"))) },
        ...(name !== "ours" && {
          rateRatio: against((our, their) => our.rate / their.rate),
          cpuRatio: against((our, their) => their.cpu / our.cpu),
        }),
      };
    }),
  }));
}

/** The median with the smallest and the largest. */
export function range(values) {
  return { median: round(median(values)), least: round(Math.min(...values)), most: round(Math.max(...values)) };
}

/** Three significant digits: a figure of a benchmark has no more. */
function round(value) {
  return Number(value.toPrecision(3));
}
