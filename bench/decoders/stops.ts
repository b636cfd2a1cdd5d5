/**
 * Every decoder of what clients send, on bodies and headers at their limits: the longest stop of the event loop that each makes, and
 * whether it grows faster than its input: `node --import ./bench/typescript.mjs bench/decoders/stops.ts [MEGABYTES] [NAME]`, 100 by default,
 * which is `max_body_bytes`. Measured in processor time, so that a busy machine is no stop; what yields by the gaps between turns.
 */
import type { Buffer } from "node:buffer";
import { CASES } from "./cases.ts";
import type { StopCase } from "./stop-case.ts";

const megabytes = Number(process.argv[2] ?? 100);
/** Of the full size, to see how the stop grows. */
const SMALL = 1 / 8;

interface Stop {
  readonly longest: number;
  readonly isRefused: boolean;
}

/** The longest piece of work that lets nothing else run, in milliseconds. */
async function longestStop({ run, yields }: StopCase, input: Buffer): Promise<Stop> {
  let longest = 0;
  let last = process.cpuUsage();
  let turning = yields === true;
  const turn = (): void => {
    const { user, system } = process.cpuUsage(last);
    longest = Math.max(longest, (user + system) / 1000);
    last = process.cpuUsage();
    if (turning) setImmediate(turn);
  };
  if (turning) setImmediate(turn);
  const isRefused = await refuses(() => run(input));
  turning = false;
  turn();
  return { longest, isRefused };
}

/** A refusal is an outcome like any other, and is shown: what is refused at a glance measures nothing of the reading. */
async function refuses(run: () => unknown): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError) throw error;
    return true;
  }
}

async function best(each: StopCase, input: Buffer, times: number): Promise<Stop> {
  let least: Stop | undefined;
  for (let i = 0; i < times; i++) {
    const stop = await longestStop(each, input);
    if (least === undefined || stop.longest < least.longest) least = stop;
  }
  return least as Stop;
}

console.log(`${"decoder".padEnd(54)}${"bytes".padStart(12)}${"stop".padStart(11)}${"ns/byte".padStart(9)}  growth`);
for (const each of CASES.filter(({ name }) => name.includes(process.argv[3] ?? ""))) {
  const bytes = Math.round(Math.min(each.most ?? Number.POSITIVE_INFINITY, megabytes * 1024 * 1024));
  const small = each.make(Math.round(bytes * SMALL));
  await longestStop(each, small);
  const { longest: less } = await best(each, small, 3);
  const input = each.make(bytes);
  const { longest: stop, isRefused } = await best(each, input, bytes > 1024 * 1024 ? 1 : 3);
  const growth = stop / less / (input.length / small.length);
  const marks = `${isRefused ? "  refused" : ""}${stop > 50 ? "  > 50 ms" : ""}${growth > 2 && stop > 5 ? "  grows faster than its input" : ""}`;
  console.log(
    `${each.name.padEnd(54)}${String(input.length).padStart(12)}${`${stop.toFixed(1)} ms`.padStart(11)}` +
      `${((stop * 1e6) / input.length).toFixed(1).padStart(9)}  ×${growth.toFixed(2)}${marks}`,
  );
}
