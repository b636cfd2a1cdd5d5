import { expectOnPage } from "../reliability-page.ts";
import { admission } from "./admission.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import { apiKeys, tokens } from "./credentials.ts";
import { clientDeadline, deadline, streamDeadline } from "./deadline.ts";
import { drain, leaving } from "./drain.ts";
import { FRONTS } from "./fronts.ts";
import type { Guard } from "./guard.ts";
import { payloadLog, requestLog } from "./logs.ts";
import { metrics } from "./metrics.ts";
import { decompressedBytes, requestBytes } from "./request-bytes.ts";
import { responseBytes } from "./response-bytes.ts";

const GUARDS: readonly Guard[] = [
  admission,
  deadline,
  clientDeadline,
  streamDeadline,
  requestBytes,
  decompressedBytes,
  responseBytes,
  circuitBreaker,
  apiKeys,
  tokens,
  requestLog,
  payloadLog,
  metrics,
  leaving,
  drain,
];

const seen = new Map<string, string>();

describe.each(FRONTS)("$name", (front) => {
  test.each(GUARDS)("$name", async ({ name, exempts, hold }) => {
    const reason = exempts?.(front);
    seen.set(`${name} ${front.name}`, reason === undefined ? await hold(front) : `– (${reason})`);
  });
});

test("docs/reliability.md says what was just seen", () => {
  const promises = GUARDS.map(({ name, setBy, promise }) => ({ seen: [name, setBy, promise] }));
  expectOnPage("guard-promises", { seen: ["guard", "set by", "what holds"] }, promises);
  const rows = FRONTS.map((front) => ({
    seen: [front.name, ...GUARDS.map(({ name }) => seen.get(`${name} ${front.name}`) ?? "")],
  }));
  expectOnPage("guards", { seen: ["front", ...GUARDS.map(({ name }) => name)] }, rows);
});
