/**
 * Quick requests beside a hook that burns 200 ms of CPU, in a thread and on the event loop:
 *
 *     node --import ./bench/typescript.mjs bench/threads/heavy-hook.ts
 *
 * Four clients send quick requests without a pause, one sends slow ones; latencies of the quick ones, in milliseconds.
 */
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import type { RequestContext } from "../../src/inference/request-context.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { serve } from "../../src/server/serve.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const BURN = new URL("./burn.mjs", import.meta.url);
const SECONDS = 4;

class Burns extends Transformer {
  override async predict(request: InferRequest, context: RequestContext): Promise<InferResponse> {
    const [milliseconds] = request.instances as readonly number[];
    const rounds = milliseconds === 0 ? 0 : await context.runInWorker<number>(BURN, milliseconds);
    return request.reply({ predictions: [rounds] });
  }
}

async function measure(imageThreads: number, slow: boolean): Promise<readonly number[]> {
  const log = createLogger({ level: "error" });
  const server = await serve(Burns, { host: "127.0.0.1", port: 0, log, imageThreads });
  await server.ready();
  const ask = async (milliseconds: number): Promise<number> => {
    const started = performance.now();
    const body = JSON.stringify({ instances: [milliseconds] });
    await (await fetch(`${server.url}/v1/models/model:predict`, { method: "POST", body })).text();
    return performance.now() - started;
  };
  for (let i = 0; i < 200; i++) await ask(i % 100 === 0 ? 1 : 0);
  const end = performance.now() + SECONDS * 1000;
  const latencies: number[] = [];
  const quickly = async (): Promise<void> => {
    while (performance.now() < end) latencies.push(await ask(0));
  };
  const slowly = async (): Promise<void> => {
    while (slow && performance.now() < end) await ask(200);
  };
  await Promise.all([quickly(), quickly(), quickly(), quickly(), slowly()]);
  await server.close();
  latencies.sort((a, b) => a - b);
  return [0.5, 0.99, 0.999].map((share) => latencies[Math.floor(latencies.length * share)] as number);
}

console.log(`Node ${process.version}`);
console.log("| | p50 | p99 | p99.9 |\n| --- | --- | --- | --- |");
for (const [name, threads, slow] of [
  ["no slow hook", 1, false],
  ["a slow hook in a thread", 1, true],
  ["a slow hook on the event loop", 0, true],
] as const) {
  const latencies = await measure(threads, slow);
  console.log(`| ${name} | ${latencies.map((ms) => ms.toFixed(1)).join(" | ")} |`);
}
