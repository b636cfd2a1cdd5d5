/**
 * Micro-batching before a predictor that takes 20 ms a call, one at a time as an accelerator does: 64 clients, each with one
 * request under way, with and without batches in turns in one run. Prints throughput and p99 as ratios.
 *
 *     npm run build && node --import ./bench/typescript.mjs bench/predictor/batching.ts
 */
import { setTimeout as delay } from "node:timers/promises";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { RowValues } from "../../src/inference/row-and-tensor-values.ts";
import { createBatchingPredictor } from "../../src/predictor/batching/batching-predictor.ts";
import type { Predictor } from "../../src/predictor/predictor.ts";

const CLIENTS = 64;
const CALL_MS = 20;
const DELAY_MS = 5;
const SECONDS = 4;

function createAccelerator(): Predictor {
  let last: Promise<unknown> = Promise.resolve();
  return {
    description: "accelerator",
    infer: async (request) => {
      const mine = last.then(() => delay(CALL_MS));
      last = mine;
      await mine;
      return request.reply({ predictions: request.instances });
    },
    ready: async () => true,
    metadata: async () => undefined,
    close: async () => undefined,
  };
}

async function measure(predictor: Predictor): Promise<{ readonly perSecond: number; readonly p99: number }> {
  const times: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  const client = async (index: number): Promise<void> => {
    while (performance.now() < end) {
      const started = performance.now();
      const values = new RowValues([index], "input");
      const content = { parameters: {}, members: {}, values };
      const { predictions } = await predictor.infer(new InferRequest({ modelName: "m", content }));
      if (predictions[0] !== index) throw new Error("a client got another one's row");
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)));
  times.sort((a, b) => a - b);
  return { perSecond: times.length / SECONDS, p99: times[Math.floor(times.length * 0.99)] ?? 0 };
}

const batching = { maxBatchSize: CLIENTS, maxBatchDelayMs: DELAY_MS };
const single = await measure(createAccelerator());
const batched = await measure(createBatchingPredictor(createAccelerator(), batching));
console.log(`throughput with batches by without: ${(batched.perSecond / single.perSecond).toFixed(1)}`);
console.log(`p99 with batches by one call and the delay: ${(batched.p99 / (CALL_MS + DELAY_MS)).toFixed(2)}`);
console.log(`p99 ${batched.p99.toFixed(0)} ms with batches, ${single.p99.toFixed(0)} ms without`);
