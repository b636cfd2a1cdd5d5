/**
 * Small V1 pass-through: CPU time of one request in a bare node:http + undici `request` proxy and in one that uses the
 * forwarder, side by side. Proxies are processes of their own; only their CPU time counts, so load and predictor do not.
 *
 *     node --import ./bench/typescript.mjs bench/predictor/pass-through.ts [requests a round] [body bytes]
 */
import { type ChildProcess, fork } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Pool, request } from "undici";
import { resolveForwardHeaders, selectForwardHeaders } from "../../src/policy/forward-headers.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import type { Forwarder, ForwardHandle, ForwardHandler } from "../../src/predictor/predictor.ts";

const ROUNDS = 6;
const CONNECTIONS = 32;
const SELF = fileURLToPath(import.meta.url);

type Role = "predictor" | "bare" | "forwarder";

function readBody(message: IncomingMessage, done: (chunks: Buffer[]) => void): void {
  const chunks: Buffer[] = [];
  message.on("data", (chunk: Buffer) => chunks.push(chunk));
  message.on("end", () => done(chunks));
}

function bareProxy(target: string) {
  const pool = new Pool(target, { connections: CONNECTIONS });
  return (message: IncomingMessage, response: ServerResponse): void => {
    readBody(message, (chunks) => {
      void request(`${target}${message.url}`, {
        method: "POST",
        headers: { "content-type": message.headers["content-type"] ?? "application/json" },
        body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
        dispatcher: pool,
      }).then(async ({ statusCode, headers, body }) => {
        const answer = Buffer.from(await body.arrayBuffer());
        response.writeHead(statusCode, {
          "content-type": String(headers["content-type"]),
          "content-length": answer.byteLength,
        });
        response.end(answer);
      });
    });
  };
}

class Relay implements ForwardHandler {
  readonly response: ServerResponse;
  handle: ForwardHandle | undefined;
  constructor(response: ServerResponse) {
    this.response = response;
  }
  head(status: number, headers: Record<string, string | string[]>): void {
    this.response.writeHead(status, headers);
  }
  data(chunk: Uint8Array): boolean {
    const more = this.response.write(chunk);
    if (!more) this.response.once("drain", () => this.handle?.resume());
    return more;
  }
  end(): void {
    this.response.end();
  }
  error(error: unknown): void {
    this.response.destroy(error as Error);
  }
}

function forwarderProxy(target: string) {
  const forwarder = createHttpPredictor({ host: target, protocol: "v1" }).forwarder as Forwarder;
  const names = resolveForwardHeaders();
  return (message: IncomingMessage, response: ServerResponse): void => {
    readBody(message, (body) => {
      const relay = new Relay(response);
      relay.handle = forwarder.forward(
        {
          verb: "predict",
          modelName: "model",
          modelVersion: undefined,
          message: { headers: { "content-type": message.headers["content-type"] ?? "application/json" }, body },
          headers: selectForwardHeaders(message.headers, names),
        },
        relay,
      );
      response.once("close", () => relay.handle?.abort());
    });
  };
}

function serveRole(role: Role, target: string, bytes: number): void {
  const answer = Buffer.from(JSON.stringify({ predictions: ["x".repeat(bytes)] }));
  const handlers = {
    predictor: () => (message: IncomingMessage, response: ServerResponse) =>
      readBody(message, () => {
        response.writeHead(200, { "content-type": "application/json", "content-length": answer.length });
        response.end(answer);
      }),
    bare: () => bareProxy(target),
    forwarder: () => forwarderProxy(target),
  };
  const server = createServer(handlers[role]());
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.on("message", () => process.send?.(process.cpuUsage()));
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once("message", (value) => resolve(value as T)));
}

async function start(role: Role, target: string, bytes: number): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(SELF, [role, target, String(bytes)]);
  return { child, url: `http://127.0.0.1:${await nextMessage<number>(child)}` };
}

async function cpuMicroseconds(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const { user, system } = await nextMessage<NodeJS.CpuUsage>(child);
  return user + system;
}

async function load(url: string, count: number, body: string): Promise<void> {
  const pool = new Pool(url, { connections: CONNECTIONS });
  let left = count;
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await pool.request({
        method: "POST",
        path: "/v1/models/model:predict",
        headers: { "content-type": "application/json", "x-request-id": "benchmark", "user-agent": "benchmark" },
        body,
      });
      await answer.body.arrayBuffer();
      if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  await pool.close();
}

async function main(count: number, bytes: number): Promise<void> {
  const body = JSON.stringify({ instances: ["x".repeat(bytes)] });
  const predictor = await start("predictor", "", bytes);
  const bare = await start("bare", predictor.url, bytes);
  const forwarder = await start("forwarder", predictor.url, bytes);
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const cost: number[] = [];
    const pairs = round % 2 === 0 ? [bare, forwarder] : [forwarder, bare];
    for (const { child, url } of pairs) {
      const before = await cpuMicroseconds(child);
      await load(url, count, body);
      cost.push(((await cpuMicroseconds(child)) - before) / count);
    }
    const [bareCost = 0, forwarderCost = 0] = round % 2 === 0 ? cost : cost.reverse();
    if (round === 0) continue;
    ratios.push(bareCost / forwarderCost);
    console.log(
      `bare ${bareCost.toFixed(1)} µs  forwarder ${forwarderCost.toFixed(1)} µs  ratio ${(bareCost / forwarderCost).toFixed(2)}`,
    );
  }
  const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 0;
  console.log(`median ratio ${median.toFixed(2)} (bare proxy's CPU time by the forwarder's; above 1 is cheaper)`);
  for (const { child } of [predictor, bare, forwarder]) child.kill();
}

const [first = "20000", second = "100", third = "100"] = process.argv.slice(2);
if (process.send !== undefined) serveRole(first as Role, second, Number(third));
else await main(Number(first), Number(second));
