import { type Failure, type Load, type Protocol, startLoad } from "./load.ts";
import { type Served, until, withServers } from "./served.ts";

/** What one round of a scenario showed. */
export interface Round {
  readonly requests: number;
  readonly failures: readonly Failure[];
}

export type Clients = readonly { readonly protocol: Protocol; readonly connections: number }[];

/** How long a cluster takes to tell everybody that a pod is no longer ready. */
const PROPAGATION_MS = 300;

/**
 * Two pods under load, one gets SIGTERM. Clients choose it until it has been seen not to be ready and the cluster has told
 * them; requests to it are on their way all the while.
 */
export function sigterm(
  clients: Clients,
): Promise<Round & { readonly afterSignal: number; readonly code: number | null }> {
  return withServers(async (start) => {
    const [leaving, staying] = await Promise.all([start("--drain_seconds", "1"), start("--drain_seconds", "0")]);
    let pods = [leaving.url, staying.url];
    const loads = startLoads(clients, () => pods[Math.floor(Math.random() * pods.length)] ?? staying.url);
    await until(() => loads.every(({ byUrl }) => (byUrl.get(leaving.url) ?? 0) >= 100));
    const before = sum(loads, leaving.url);
    leaving.kill("SIGTERM");
    await until(async () => (await fetch(`${leaving.url}/v2/health/ready`)).status === 503);
    setTimeout(() => {
      pods = [staying.url];
    }, PROPAGATION_MS);
    const { code } = await leaving.ended;
    const afterSignal = sum(loads, leaving.url) - before;
    return { ...(await stop(loads)), afterSignal, code };
  });
}

/** Two workers under load are renewed by SIGHUP. */
export function sighup(clients: Clients): Promise<Round & { readonly before: number[]; readonly after: number[] }> {
  return withServers(async (start) => {
    const server = await start("--workers", "2", "--drain_seconds", "1");
    const loads = startLoads(clients, () => server.url);
    await until(() => loads.every(({ answers }) => [...answers.values()].filter((count) => count >= 50).length === 2));
    const before = pidsOf(loads);
    server.kill("SIGHUP");
    await server.log(/^all workers are new$/);
    await until(() => loads.every((load) => load.answersBesides(before) >= 100));
    const round = await stop(loads);
    return { ...round, before: [...before], after: [...pidsOf(loads)].filter((pid) => !before.has(pid)) };
  });
}

export interface KilledRound extends Round {
  readonly victim: number;
  readonly killedAt: number;
  /** From the kill to the moment at which the primary saw the new worker ready. */
  readonly replacedMs: number;
}

/** One of two workers under load is killed with SIGKILL. */
export function kill(clients: Clients): Promise<KilledRound> {
  return withServers(async (start) => {
    const server = await start("--workers", "2");
    const loads = startLoads(clients, () => server.url);
    await until(() => loads.every(({ answers }) => [...answers.values()].filter((count) => count >= 50).length === 2));
    const before = pidsOf(loads);
    const [victim = 0] = before;
    const killedAt = Date.now();
    process.kill(victim, "SIGKILL");
    const { time } = await server.log(/^the replacement is ready$/);
    // Kept connections stay where they are: new ones find the new worker.
    const newcomers = startLoads(clients, () => server.url);
    await until(() => newcomers.every((load) => load.answersBesides(before) >= 20));
    const replacedMs = Date.parse(String(time)) - killedAt;
    return { ...(await stop([...loads, ...newcomers])), victim, killedAt, replacedMs };
  });
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
    const answered = predict(server, `block ${milliseconds}`).finally(() => {
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

async function predict({ url }: Served, instance: string): Promise<void> {
  const body = JSON.stringify({ instances: [instance] });
  const headers = { "content-type": "application/json" };
  const { status } = await fetch(`${url}/v1/models/model:predict`, { method: "POST", body, headers });
  if (status !== 200) throw new Error(`status ${status}`);
}

function startLoads(clients: Clients, route: () => string): Load[] {
  return clients.map(({ protocol, connections }) => startLoad(protocol, connections, route));
}

async function stop(loads: readonly Load[]): Promise<Round> {
  const results = await Promise.all(loads.map((load) => load.stop()));
  const requests = loads.reduce((total, load) => total + load.total() + load.failures.length, 0);
  return { requests, failures: results.flatMap(({ failures }) => failures) };
}

function pidsOf(loads: readonly Load[]): Set<number> {
  return new Set(loads.flatMap(({ answers }) => [...answers.keys()]));
}

function sum(loads: readonly Load[], url: string): number {
  return loads.reduce((total, { byUrl }) => total + (byUrl.get(url) ?? 0), 0);
}
