import { type Failure, type Load, type Protocol, startLoad } from "./load.ts";
import { type Served, until, withServers } from "./served.ts";

/** What clients of one protocol met. */
export interface Outcome {
  readonly protocol: Protocol;
  readonly requests: number;
  readonly failures: readonly Failure[];
}

export type Clients = readonly { readonly protocol: Protocol; readonly connections: number }[];

/** How long a cluster takes to tell everybody that a pod is no longer ready. */
const PROPAGATION_MS = 300;
/** The default of `--drain_seconds`, less what a request takes that was on its way to the old pod. */
const DRAIN_MS = 2500;

export interface SigtermOutcome {
  readonly outcomes: readonly Outcome[];
  /** Of each round: the responses that the pod gave after the signal, and its exit code. */
  readonly rounds: readonly { readonly afterSignal: number; readonly code: number | null }[];
}

/**
 * A rolling update under load: a new pod beside the old one, which gets SIGTERM, with the default drain. Clients choose the
 * old one until it has been seen not to be ready and the cluster has told them. A round in which that took longer than the
 * drain, on a machine that has no time for us, says nothing of the server: it does not count.
 */
export function sigterm(clients: Clients, times: number): Promise<SigtermOutcome> {
  return withServers(async (start) => {
    let old = await start();
    let pods = [old.url];
    const loads = startLoads(clients, () => pods[Math.floor(Math.random() * pods.length)] ?? "");
    const rounds: { afterSignal: number; code: number | null }[] = [];
    const late = new Set<string>();
    while (rounds.length < times && late.size <= times) {
      const next = await start();
      pods = [old.url, next.url];
      await until(() => loads.every(({ byUrl }) => pods.every((url) => (byUrl.get(url) ?? 0) >= 50)));
      const before = sum(loads, old.url);
      const killedAt = Date.now();
      old.kill("SIGTERM");
      await until(() => isDraining(old.url));
      await new Promise((resolve) => setTimeout(resolve, PROPAGATION_MS));
      pods = [next.url];
      if (Date.now() - killedAt > DRAIN_MS) late.add(old.url);
      const { code } = await old.ended;
      if (!late.has(old.url)) rounds.push({ afterSignal: sum(loads, old.url) - before, code });
      old = next;
    }
    const all = await stop(clients, loads);
    const outcomes = all.map((outcome) => {
      return { ...outcome, failures: outcome.failures.filter(({ url }) => !late.has(url)) };
    });
    return { outcomes, rounds };
  });
}

/** True as well once nobody is there any more. */
async function isDraining(url: string): Promise<boolean> {
  const status = await fetch(`${url}/v2/health/ready`).then(
    (response) => response.status,
    () => 503,
  );
  return status === 503;
}

export interface SighupOutcome {
  readonly outcomes: readonly Outcome[];
  /** Of each round: the workers that had not answered before. */
  readonly rounds: readonly { readonly newWorkers: number }[];
}

/** Two workers under load are renewed by SIGHUP. */
export function sighup(clients: Clients, times: number): Promise<SighupOutcome> {
  return withServers(async (start) => {
    const server = await start("--workers", "2", "--drain_seconds", "1");
    const loads = startLoads(clients, () => server.url);
    await until(() => loads.every((load) => load.total() >= 100));
    const rounds: { newWorkers: number }[] = [];
    for (let round = 0; round < times; round++) {
      const before = pidsOf(loads);
      const lines = server.logs().length;
      server.kill("SIGHUP");
      await server.log(/^all workers are new$/, lines);
      await until(() => loads.every((load) => load.answersBesides(before) >= 100));
      rounds.push({ newWorkers: pidsOf(loads).size - before.size });
    }
    return { outcomes: await stop(clients, loads), rounds };
  });
}

export interface KillOutcome {
  readonly outcomes: readonly Outcome[];
  readonly rounds: readonly {
    /** Failed requests on the connections of the worker that was killed, and on others. */
    readonly own: number;
    readonly others: readonly Failure[];
    /** Failed requests on connections that no worker had taken yet. */
    readonly untaken: number;
    /** From the kill to the moment at which the primary saw the new worker ready. */
    readonly replacedMs: number;
  }[];
}

/** One of two workers under load is killed with SIGKILL; each time of a new server, whose back-off has not begun. */
export async function kill(clients: Clients, times: number): Promise<KillOutcome> {
  const outcomes: Outcome[] = [];
  const rounds: KillOutcome["rounds"][number][] = [];
  for (let round = 0; round < times; round++) await withServers((start) => killOne(clients, start, outcomes, rounds));
  return { outcomes, rounds };
}

async function killOne(
  clients: Clients,
  start: (...argv: string[]) => Promise<Served>,
  outcomes: Outcome[],
  rounds: KillOutcome["rounds"][number][],
): Promise<void> {
  const server = await start("--workers", "2");
  const loads = startLoads(clients, () => server.url);
  await spread(loads, ({ answers }) => [...answers.values()].filter((count) => count >= 20).length === 2);
  const before = pidsOf(loads);
  const [victim = 0] = before;
  const killedAt = Date.now();
  process.kill(victim, "SIGKILL");
  const { time } = await server.log(/^the replacement is ready$/);
  // Kept connections stay where they are: new ones find the new worker.
  const newcomers = startLoads(clients, () => server.url);
  await spread(newcomers, (load) => load.answersBesides(before) >= 20);
  const seen = [...(await stop(clients, loads)), ...(await stop(clients, newcomers))];
  const failures = seen.flatMap((outcome) => outcome.failures);
  outcomes.push(...seen);
  rounds.push({
    own: failures.filter(({ pid }) => pid === victim).length,
    others: failures.filter(({ pid }) => pid !== victim && pid !== undefined),
    untaken: failures.filter(({ pid }) => pid === undefined).length,
    replacedMs: Date.parse(String(time)) - killedAt,
  });
}

/** A connection stays with its worker, and a busy machine may give all to one: more clients come until each load is spread. */
async function spread(loads: readonly Load[], isSpread: (load: Load) => boolean): Promise<void> {
  while (!loads.every(isSpread)) {
    const patience = Date.now() + 2000;
    await until(() => loads.every(isSpread) || Date.now() > patience);
    for (const load of loads) if (!isSpread(load)) load.add();
  }
}

export interface BlockedRound {
  /** Answers of the probe port while the hook ran, with their times in ms. */
  readonly probes: readonly { readonly path: string; readonly status: number; readonly milliseconds: number }[];
}

/** A hook burns the CPU for so long, while both probes are asked again and again. */
export function blocked(milliseconds: number, ...argv: string[]): Promise<BlockedRound> {
  return withServers(async (start) => {
    const server = await start("--probe_port", "0", "--drain_seconds", "0", ...argv);
    const { probePort } = await server.log(/^ready at/);
    let isOver = false;
    const answered = predict(server, milliseconds).finally(() => {
      isOver = true;
    });
    // The hook has begun once the main port is silent.
    await fetch(`${server.url}/v2/health/live`, { signal: AbortSignal.timeout(200) }).catch(() => undefined);
    const probes: { path: string; status: number; milliseconds: number }[] = [];
    while (!isOver) {
      for (const path of ["/v2/health/live", "/v2/health/ready"]) {
        const begin = performance.now();
        const { status } = await fetch(`http://127.0.0.1:${probePort}${path}`, { headers: { connection: "close" } });
        if (!isOver) probes.push({ path, status, milliseconds: performance.now() - begin });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await answered;
    return { probes };
  });
}

async function predict({ url }: Served, block: number): Promise<void> {
  const headers = { "content-type": "application/json", "x-block-milliseconds": String(block) };
  const body = '{"instances":[1]}';
  const { status } = await fetch(`${url}/v1/models/model:predict`, { method: "POST", body, headers });
  if (status !== 200) throw new Error(`status ${status}`);
}

function startLoads(clients: Clients, route: () => string): Load[] {
  return clients.map(({ protocol, connections }) => startLoad(protocol, connections, route));
}

async function stop(clients: Clients, loads: readonly Load[]): Promise<Outcome[]> {
  const results = await Promise.all(loads.map((load) => load.stop()));
  return results.map(({ failures }, index) => {
    const requests = (loads[index]?.total() ?? 0) + failures.length;
    return { protocol: clients[index]?.protocol ?? "gRPC", requests, failures };
  });
}

function pidsOf(loads: readonly Load[]): Set<number> {
  return new Set(loads.flatMap(({ answers }) => [...answers.keys()]));
}

function sum(loads: readonly Load[], url: string): number {
  return loads.reduce((total, { byUrl }) => total + (byUrl.get(url) ?? 0), 0);
}
