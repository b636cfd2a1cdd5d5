import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Pool } from "undici";
import { startMockPredictor } from "../../../src/testing/mock-predictor.ts";

/** Ten minutes, or what SOAK_MINUTES says. */
const MINUTES = Number(process.env["SOAK_MINUTES"] ?? 10);
const CONNECTIONS = 32;
const MEGABYTE = 1024 * 1024;

interface Memory {
  readonly rss: number;
  /** Heap and buffers after a garbage collection. */
  readonly used: number;
}

const instances = (count: number) => Array.from({ length: count }, (_, i) => ({ url: `https://example.com/${i}` }));
const json = { "content-type": "application/json" };

/** What clients send: both models, small and large, compressed, wrong. */
const REQUESTS = [
  { path: "/v1/models/plain:predict", headers: json, body: JSON.stringify({ instances: instances(2) }) },
  { path: "/v1/models/plain:predict", headers: json, body: JSON.stringify({ instances: instances(500) }) },
  // Large enough to be handed on while it comes.
  { path: "/v1/models/plain:predict", headers: json, body: JSON.stringify({ instances: instances(20_000) }) },
  { path: "/v1/models/hooked:predict", headers: json, body: JSON.stringify({ instances: instances(4) }) },
  {
    path: "/v1/models/hooked:predict",
    headers: { ...json, "content-encoding": "gzip" },
    body: gzipSync(JSON.stringify({ instances: instances(20) })),
  },
  {
    path: "/v2/models/hooked/infer",
    headers: json,
    body: JSON.stringify({ inputs: [{ name: "url", datatype: "BYTES", shape: [1], data: ["https://example.com"] }] }),
  },
  { path: "/v1/models/hooked:predict", headers: json, body: '{"instances":[' },
  { path: "/v1/models/nobody:predict", headers: json, body: "{}" },
  { path: "/v1/models/hooked:predict", headers: { ...json, "x-request-timeout-ms": "1" }, body: '{"instances":[1]}' },
];

/** Slope of a line through the samples, in megabytes a minute. */
function slope(samples: readonly { readonly minutes: number; readonly bytes: number }[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(samples.map(({ minutes }) => minutes)), mean(samples.map(({ bytes }) => bytes))];
  const upper = samples.reduce((sum, { minutes, bytes }) => sum + (minutes - x) * (bytes - y), 0);
  return upper / samples.reduce((sum, { minutes }) => sum + (minutes - x) ** 2, 0) / MEGABYTE;
}

async function memoryOf(child: ChildProcess): Promise<Memory> {
  child.send("memory");
  return (await once(child, "message"))[0] as Memory;
}

test(
  `memory is flat over ${MINUTES} minutes at full load`,
  async () => {
    const predictor = await startMockPredictor();
    const root = new URL("../../../", import.meta.url);
    const child = fork(fileURLToPath(new URL("soak-server.ts", import.meta.url)), [predictor.url], {
      execArgv: ["--expose-gc", "--import", new URL("bench/typescript.mjs", root).href],
      env: { ...process.env, NODE_ENV: "production" },
    });
    const { url } = (await once(child, "message"))[0] as { url: string };
    const pool = new Pool(url, { connections: CONNECTIONS });
    const statuses = new Map<number, number>();
    const end = performance.now() + MINUTES * 60_000;

    // Memory is measured while nothing is in flight, or it would tell of the requests on their way.
    let pause: Promise<void> | undefined;
    let inFlight = 0;
    const work = async (from: number): Promise<void> => {
      for (let i = from; performance.now() < end; i++) {
        await pause;
        inFlight += 1;
        const { path, headers, body } = REQUESTS[i % REQUESTS.length] as (typeof REQUESTS)[number];
        const leaves = i % 50 === 0 ? { signal: AbortSignal.timeout(1) } : {};
        const status = await pool.request({ method: "POST", path, headers, body, ...leaves }).then(
          async (answer) => {
            await answer.body.dump();
            return answer.statusCode;
          },
          () => 499,
        );
        inFlight -= 1;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        // The mock predictor remembers what it was asked.
        (predictor.requests as unknown[]).length = 0;
      }
    };
    const samples: (Memory & { readonly minutes: number })[] = [];
    const started = performance.now();
    const watch = async (): Promise<void> => {
      while (performance.now() < end) {
        await delay(MINUTES * 1000);
        let resume = (): void => undefined;
        pause = new Promise((resolve) => {
          resume = resolve;
        });
        while (inFlight > 0) await delay(10);
        await delay(100);
        await memoryOf(child);
        samples.push({ ...(await memoryOf(child)), minutes: (performance.now() - started) / 60_000 });
        pause = undefined;
        resume();
      }
    };
    try {
      await Promise.all([watch(), ...Array.from({ length: CONNECTIONS }, (_, i) => work(i))]);
    } finally {
      await pool.destroy();
      child.disconnect();
      await once(child, "exit");
      await predictor.close();
    }

    // The first third warms up: code is compiled, buffers are kept for reuse.
    const settled = samples.filter(({ minutes }) => minutes > MINUTES / 3);
    const used = slope(settled.map(({ minutes, used: bytes }) => ({ minutes, bytes })));
    const rss = slope(settled.map(({ minutes, rss: bytes }) => ({ minutes, bytes })));
    const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    const peak = Math.max(...samples.map((sample) => sample.rss)) / MEGABYTE;
    const last = (samples.at(-1)?.used ?? 0) / MEGABYTE;
    console.log(`MB in use: ${samples.map((sample) => (sample.used / MEGABYTE).toFixed(2)).join(" ")}`);
    console.log(
      `${total} requests in ${MINUTES} min, statuses ${JSON.stringify(Object.fromEntries(statuses))}; ` +
        `in use after collection ${last.toFixed(1)} MB, ${used.toFixed(3)} MB/min; RSS at most ${peak.toFixed(0)} MB, ${rss.toFixed(3)} MB/min`,
    );
    // Flat: what is in use grows by less than 3 MB over the settled part, a leak of 100 bytes a request by far more.
    expect(used * MINUTES * (2 / 3)).toBeLessThan(3);
    expect(statuses.get(500) ?? 0).toBe(0);
    expect(total).toBeGreaterThan(MINUTES * 1000);
  },
  (MINUTES + 5) * 60_000,
);
