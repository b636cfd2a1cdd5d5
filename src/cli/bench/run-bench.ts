import { type FoundRate, findRate, keepsObjective } from "./find-rate.ts";
import { closedLoop } from "./load/closed-loop.ts";
import { openLoop } from "./load/open-loop.ts";
import { runLevel } from "./load/run-level.ts";
import type { Window } from "./load/window.ts";
import type { LoadClient } from "./load-client.ts";
import type { BenchPlan } from "./options.ts";
import { type Level, type LevelSummary, summarize } from "./report/summary.ts";

export interface RunBenchOptions {
  readonly plan: BenchPlan;
  readonly createClient: () => LoadClient;
  /** Told after each window. */
  readonly onWindow: (level: Level, window: Window, number: number) => void;
  readonly signal: AbortSignal;
}

export interface BenchResult {
  /** As they were measured; of a search by their rate. */
  readonly levels: readonly LevelSummary[];
  /** Undefined where nothing was searched. */
  readonly found?: FoundRate;
}

/** Runs all levels, or searches; a signal ends it with what there is. */
export async function runBench(options: RunBenchOptions): Promise<BenchResult> {
  const { plan, signal } = options;
  if (plan.objectiveMs !== undefined) return search(options, plan.objectiveMs);
  const levels: LevelSummary[] = [];
  for (const level of plan.levels) {
    if (signal.aborted) break;
    levels.push(await measureLevel(level, options));
  }
  return { levels };
}

async function measureLevel(
  level: Level,
  options: RunBenchOptions,
  isDecided?: (windows: readonly Window[]) => boolean,
): Promise<LevelSummary> {
  const { plan, createClient, onWindow, signal } = options;
  const { connections } = plan;
  const result = await runLevel({
    ...plan,
    createClient,
    start: "rate" in level ? openLoop({ rate: level.rate, connections }) : closedLoop(level.concurrency),
    onWindow: (window, number) => onWindow(level, window, number),
    isDecided,
    signal,
  });
  return summarize(level, result);
}

async function search(options: RunBenchOptions, objectiveMs: number): Promise<BenchResult> {
  const { plan, signal } = options;
  const levels: LevelSummary[] = [];
  const found = await findRate({
    first: await firstRate(options),
    // One request a window is the least that says anything.
    least: 1000 / plan.windowMs,
    signal,
    keeps: async (rate) => {
      const keeps = (window: Window): boolean => keepsObjective(window, rate, objectiveMs);
      let last: readonly Window[] = [];
      // A rate that is too high never becomes stable; two windows in a row that miss are enough.
      const summary = await measureLevel({ rate }, options, (windows) => {
        last = windows.slice(-2);
        return last.length === 2 && !last.some(keeps);
      });
      levels.push(summary);
      return keeps(summary.measured);
    },
  });
  return { levels: levels.sort((a, b) => rateOf(a) - rateOf(b)), found };
}

/** Half of what one client gets through, which is half of what a server with one thread can do at most. */
async function firstRate(options: RunBenchOptions): Promise<number> {
  const [given] = options.plan.levels;
  if (given !== undefined && "rate" in given) return given.rate;
  const alone = await measureLevel({ concurrency: 1 }, { ...options, plan: { ...options.plan, maxWindows: 1 } });
  return alone.perSecond / 2;
}

function rateOf({ level }: LevelSummary): number {
  return "rate" in level ? level.rate : 0;
}
