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

/** Milliseconds of the longest piece of work that lets nothing else run. */
async function longestStop({ run, yields }: StopCase, input: Buffer): Promise<number> {
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
  await refused(() => run(input));
  turning = false;
  turn();
  return longest;
}

/** A refusal is an outcome like any other; how long it took counts. */
async function refused(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

async function best(each: StopCase, input: Buffer, times: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) least = Math.min(least, await longestStop(each, input));
  return least;
}

console.log(`${"decoder".padEnd(54)}${"bytes".padStart(12)}${"stop".padStart(11)}${"ns/byte".padStart(9)}  growth`);
for (const each of CASES.filter(({ name }) => name.includes(process.argv[3] ?? ""))) {
  const bytes = Math.round(Math.min(each.most ?? Number.POSITIVE_INFINITY, megabytes * 1024 * 1024));
  const small = each.make(Math.round(bytes * SMALL));
  await longestStop(each, small);
  const less = await best(each, small, 3);
  const input = each.make(bytes);
  const stop = await best(each, input, bytes > 1024 * 1024 ? 1 : 3);
  const growth = stop / less / (input.length / small.length);
  const marks = `${stop > 50 ? "  > 50 ms" : ""}${growth > 2 && stop > 5 ? "  grows faster than its input" : ""}`;
  console.log(
    `${each.name.padEnd(54)}${String(input.length).padStart(12)}${`${stop.toFixed(1)} ms`.padStart(11)}` +
      `${((stop * 1e6) / input.length).toFixed(1).padStart(9)}  ×${growth.toFixed(2)}${marks}`,
  );
}
