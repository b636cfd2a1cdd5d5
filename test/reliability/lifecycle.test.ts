import { buildCommand } from "../cli/command-process.ts";
import type { Clients } from "./scenarios.ts";
import { blocked, kill, sighup, sigterm } from "./scenarios.ts";

/** One round of each, over both protocols at once; test/long has the twenty. */
const CLIENTS: Clients = [
  { protocol: "HTTP/1.1", connections: 16 },
  { protocol: "gRPC", connections: 16 },
];

beforeAll(() => void buildCommand(), 60_000);

test("SIGTERM under load loses no request", async () => {
  const { failures, afterSignal, code } = await sigterm(CLIENTS);
  expect(failures).toEqual([]);
  expect(afterSignal).toBeGreaterThan(0);
  expect(code).toBe(0);
}, 60_000);

test("SIGHUP under load renews the workers and loses no request", async () => {
  const { failures, before, after } = await sighup(CLIENTS);
  expect(failures).toEqual([]);
  expect([before.length, after.length]).toEqual([2, 2]);
}, 60_000);

test("a worker that is killed takes only the requests of its own connections with it, and is replaced", async () => {
  const { failures, victim, requests } = await kill(CLIENTS);
  expect(failures.filter(({ pid }) => pid !== victim)).toEqual([]);
  expect(failures.length).toBeLessThanOrEqual(32);
  expect(requests).toBeGreaterThan(100);
}, 60_000);

test("while a hook blocks, liveness and readiness are answered on the probe port", async () => {
  const { probes } = await blocked(2000);
  expect(probes.length).toBeGreaterThan(4);
  expect(new Set(probes.map(({ status }) => status))).toEqual(new Set([200]));
}, 60_000);

test("a hook that blocks for longer than the limit is not alive", async () => {
  const { probes } = await blocked(2500, "--probe_heartbeat_seconds", "1");
  expect(probes[0]?.status).toBe(200);
  expect(probes.at(-1)?.status).toBe(503);
}, 60_000);
