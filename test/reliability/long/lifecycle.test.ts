import { buildCommand } from "../../cli/command-process.ts";
import type { Protocol } from "../load.ts";
import { expectOnPage } from "../reliability-page.ts";
import { blocked, type Clients, kill, type Outcome, sighup, sigterm } from "../scenarios.ts";

const TIMES = 20;
const CLIENTS: Clients = [
  { protocol: "HTTP/1.1", connections: 32 },
  { protocol: "gRPC", connections: 32 },
];
const PROTOCOLS: readonly Protocol[] = ["HTTP/1.1", "gRPC"];

beforeAll(() => void buildCommand(), 120_000);

test("SIGTERM under load", async () => {
  const { outcomes, rounds } = await sigterm(CLIENTS, TIMES);
  const after = rounds.reduce((total, { afterSignal }) => total + afterSignal, 0);
  expectOnPage(
    "lifecycle-sigterm",
    { seen: ["SIGTERM under load", "times", "failed requests"], measured: ["requests", "of them by ending servers"] },
    PROTOCOLS.map((protocol) => ({
      seen: [`32 connections of ${protocol}`, String(rounds.length), String(count(outcomes, protocol).failed)],
      measured: [String(count(outcomes, protocol).requests), `${after} of both protocols`],
    })),
  );
  expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
  expect(rounds.filter(({ code, afterSignal }) => code !== 0 || afterSignal === 0)).toEqual([]);
});

test("SIGHUP under load", async () => {
  const { outcomes, rounds } = await sighup(CLIENTS, TIMES);
  expectOnPage(
    "lifecycle-sighup",
    { seen: ["SIGHUP under load, 2 workers", "times", "failed requests"], measured: ["requests"] },
    PROTOCOLS.map((protocol) => ({
      seen: [`32 connections of ${protocol}`, String(rounds.length), String(count(outcomes, protocol).failed)],
      measured: [String(count(outcomes, protocol).requests)],
    })),
  );
  expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
  expect(rounds.filter(({ newWorkers }) => newWorkers !== 2)).toEqual([]);
});

test("a worker killed under load", async () => {
  const { outcomes, rounds } = await kill(CLIENTS, TIMES);
  const own = rounds.map((round) => round.own);
  const replaced = rounds.map(({ replacedMs }) => replacedMs).sort((a, b) => a - b);
  const others = rounds.flatMap((round) => round.others);
  const requests = outcomes.reduce((total, outcome) => total + outcome.requests, 0);
  expectOnPage(
    "lifecycle-kill",
    {
      seen: ["one of 2 workers gets SIGKILL under load", "times", "failed requests on other connections"],
      measured: ["requests", "failed on its own, most in one round", "new worker ready after, median and longest"],
    },
    [
      {
        seen: ["32 connections of HTTP/1.1 and 32 of gRPC", String(rounds.length), String(others.length)],
        measured: [String(requests), String(Math.max(...own)), `${replaced[TIMES / 2]} ms, ${replaced.at(-1)} ms`],
      },
    ],
  );
  expect(others).toEqual([]);
  expect(Math.max(...rounds.map(({ untaken }) => untaken))).toBeLessThanOrEqual(1);
});

test("a hook that blocks for 5 s", async () => {
  const { probes } = await blocked(5000);
  const rows = ["/v2/health/live", "/v2/health/ready"].map((path) => {
    const own = probes.filter((probe) => probe.path === path);
    const times = own.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
    const statuses = [...new Set(own.map(({ status }) => status))].join(", ");
    const figure = (index: number): string => `${times.at(index)?.toFixed(1)} ms`;
    return {
      seen: [path, statuses],
      measured: [String(own.length), figure(Math.floor(times.length / 2)), figure(-1)],
    };
  });
  expectOnPage(
    "lifecycle-blocked",
    { seen: ["probe port while a hook burns the CPU for 5 s", "status"], measured: ["probes", "median", "slowest"] },
    rows,
  );
  expect(probes.filter(({ status }) => status !== 200)).toEqual([]);
});

function count(outcomes: readonly Outcome[], protocol: Protocol): { requests: number; failed: number } {
  const own = outcomes.filter((outcome) => outcome.protocol === protocol);
  return {
    requests: own.reduce((total, { requests }) => total + requests, 0),
    failed: own.reduce((total, { failures }) => total + failures.length, 0),
  };
}
