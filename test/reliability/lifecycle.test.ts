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
  const { outcomes, rounds } = await sigterm(CLIENTS, 1);
  expect(outcomes.map(({ failures }) => failures)).toEqual([[], []]);
  expect(rounds).toEqual([{ afterSignal: expect.any(Number), code: 0 }]);
  expect(rounds[0]?.afterSignal).toBeGreaterThan(0);
}, 60_000);

test("SIGHUP under load renews the workers and loses no request", async () => {
  const { outcomes, rounds } = await sighup(CLIENTS, 1);
  expect(outcomes.map(({ failures }) => failures)).toEqual([[], []]);
  expect(rounds).toEqual([{ newWorkers: 2 }]);
}, 60_000);

test("a worker that is killed takes only the requests of its own connections with it, and is replaced", async () => {
  const { rounds } = await kill(CLIENTS, 1);
  expect(rounds).toEqual([expect.objectContaining({ others: [], replacedMs: expect.any(Number) })]);
  // Each connection once; there may be more than 32 where the machine gave all of them to one worker.
  expect(rounds[0]?.own).toBeLessThanOrEqual(40);
  // Node hands one connection at a time to a worker.
  expect(rounds[0]?.untaken).toBeLessThanOrEqual(1);
}, 60_000);

test("while a hook blocks, liveness and readiness are answered on the probe port", async () => {
  const { probes } = await blocked(1500);
  expect(probes.length).toBeGreaterThan(2);
  expect(new Set(probes.map(({ status }) => status))).toEqual(new Set([200]));
}, 60_000);

test("a hook that blocks for longer than the limit is not alive", async () => {
  const { probes } = await blocked(2500, "--probe_heartbeat_seconds", "1");
  expect(probes[0]?.status).toBe(200);
  expect(probes).toContainEqual({ path: "/v2/health/live", status: 503, milliseconds: expect.any(Number) });
}, 60_000);
