import { throughput } from "../load/stability.ts";
import type { Window } from "../load/window.ts";
import { formatLevel } from "./format-report.ts";
import type { Level } from "./summary.ts";

/** One line of progress: `8, window 3: 2310 per second, 0 failed`. */
export function formatWindow(level: Level, window: Window, number: number): string {
  const per = `${throughput(window).toFixed(0)} per second, ${window.failed} failed`;
  return `${formatLevel(level)}, window ${number}: ${per}`;
}
