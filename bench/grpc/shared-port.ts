/**
 * What a shared port costs REST: CPU time of one small HTTP/1.1 request at a port of its own and at the shared one, on kept
 * connections and on a connection for each request; then REST and gRPC mixed, which must not fail once.
 *
 *     node --import ./bench/typescript.mjs bench/grpc/shared-port.ts [requests a round] [mixed requests]
 */
import { type ChildProcess, fork } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import { Pool } from "undici";
import { createLogger } from "../../src/observability/logger.ts";
import { createSharedListener } from "../../src/server/process/port-sharing.ts";
import { serve } from "../../src/server/serve.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const ROUNDS = 6;
const CONNECTIONS = 16;
const SELF = fileURLToPath(import.meta.url);

type Role = "own" | "shared" | "whole";

async function start(role: Role): Promise<number> {
  if (role === "whole") {
    class Echo extends Transformer {}
    return (await serve(Echo, { host: "127.0.0.1", port: 0, log: createLogger({ level: "silent" }) })).port;
  }
  const httpServer = createServer({ noDelay: true }, (incoming, outgoing) => {
    incoming.resume();
    outgoing.end("{}");
  });
  const refuse = { handleConnection: (socket: { destroy(): void }) => socket.destroy() };
  const listener = role === "own" ? httpServer : createSharedListener({ httpServer, grpc: refuse });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", () => resolve()));
  return (listener.address() as AddressInfo).port;
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once("message", (value) => resolve(value as T)));
}

async function startChild(role: Role): Promise<{ child: ChildProcess; address: string }> {
  const child = fork(SELF, [role]);
  return { child, address: `127.0.0.1:${await nextMessage<number>(child)}` };
}

async function cpuMicroseconds(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const { user, system } = await nextMessage<NodeJS.CpuUsage>(child);
  return user + system;
}

async function load(address: string, count: number, keep: boolean): Promise<void> {
  const pool = new Pool(`http://${address}`, {
    connections: CONNECTIONS,
    ...(keep ? {} : { maxRequestsPerClient: 1 }),
  });
  let left = count;
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const { body } = await pool.request({ method: "POST", path: "/", body: "{}", reset: !keep });
      await body.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  await pool.close();
}

async function compare(name: string, count: number, keep: boolean): Promise<void> {
  const own = await startChild("own");
  const shared = await startChild("shared");
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const cost: number[] = [];
    const pairs = round % 2 === 0 ? [own, shared] : [shared, own];
    for (const { child, address } of pairs) {
      const before = await cpuMicroseconds(child);
      await load(address, count, keep);
      cost.push(((await cpuMicroseconds(child)) - before) / count);
    }
    const [ownCost = 0, sharedCost = 0] = round % 2 === 0 ? cost : cost.reverse();
    if (round === 0) continue;
    ratios.push(ownCost / sharedCost);
    console.log(`${name}: own ${ownCost.toFixed(1)} µs  shared ${sharedCost.toFixed(1)} µs`);
  }
  const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 0;
  console.log(`${name}: median ratio ${median.toFixed(2)} (CPU time at an own port by that at the shared one)`);
  for (const { child } of [own, shared]) child.kill();
}

async function mixed(count: number): Promise<void> {
  const { child, address } = await startChild("whole");
  const client = new Client(address, credentials.createInsecure());
  const pool = new Pool(`http://${address}`, { connections: CONNECTIONS });
  const same = (bytes: Buffer): Buffer => bytes;
  const failures: unknown[] = [];
  let next = 0;
  const rest = async (i: number): Promise<void> => {
    const body = JSON.stringify({ instances: [i] });
    const { statusCode, body: answer } = await pool.request({ method: "POST", path: "/v1/models/model:predict", body });
    const { predictions } = (await answer.json()) as { predictions: number[] };
    if (statusCode !== 200 || predictions[0] !== i) failures.push({ i, statusCode, predictions });
  };
  const grpc = (): Promise<void> =>
    new Promise((resolve) => {
      const path = "/inference.GRPCInferenceService/ServerReady";
      client.makeUnaryRequest(path, same, same, Buffer.alloc(0), (error) => {
        if (error !== null) failures.push(error);
        resolve();
      });
    });
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) await (i % 2 === 0 ? rest(i) : grpc());
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  console.log(`mixed: ${count} requests, ${failures.length} failures`, ...failures.slice(0, 3));
  client.close();
  await pool.close();
  child.kill();
}

const [first = "20000", second = "10000"] = process.argv.slice(2);
if (process.send === undefined) {
  await compare("kept connections", Number(first), true);
  await compare("a connection each", Number(first) / 10, false);
  await mixed(Number(second));
} else {
  process.send(await start(first as Role));
  process.on("message", () => process.send?.(process.cpuUsage()));
}
