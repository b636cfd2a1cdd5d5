import { existsSync } from "node:fs";
import { runHttp2 } from "../../fuzz/http2.ts";

/** A short run of what `node fuzz/run.mjs --connections N` does long. */
const CONNECTIONS = 400;

/** What a process holds is seen in /proc; visibly skipped elsewhere. */
const testWithProc = existsSync("/proc/self/fd") ? test : test.skip;

testWithProc(
  "whatever HTTP/2 frames come, the server lives, answers and keeps nothing",
  async () => {
    const { failure, before, after } = await runHttp2({ connections: CONNECTIONS });
    expect(failure).toBeUndefined();
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
    expect(after.timers).toBeLessThanOrEqual(before.timers);
  },
  90_000,
);
