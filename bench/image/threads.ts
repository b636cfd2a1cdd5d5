/**
 * Pictures in threads: `node --import ./bench/typescript.mjs bench/image/threads.ts`. A server of its own process for each line;
 * pictures come as base64, so that the client costs little. Longest stop: processor time of the longest turn of the
 * server's event loop. Peak memory: VmHWM of /proc/self/status (Linux), which counts native memory.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { imageInstance } from "../../src/image/image-source.ts";
import { imageTensor } from "../../src/image/image-tensor.ts";
import { loadImages } from "../../src/image/load-images.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import type { RequestContext } from "../../src/inference/request-context.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { serve } from "../../src/server/serve.ts";
import { Transformer } from "../../src/transformer/transformer.ts";
import { drawPicture } from "./draw-picture.ts";

class Pictures extends Transformer {
  override async predict(request: InferRequest, context: RequestContext): Promise<InferResponse> {
    const images = await loadImages(request.rows(imageInstance), context);
    const options = { size: [224, 224], scaling: "tf", resample: "bilinear" } as const;
    const tensor = await imageTensor("x", images, options);
    return request.reply({ predictions: [...tensor.shape] });
  }
}

const peak = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1000;

/** Milliseconds that the main thread has run: what others on the machine take from it is not its own stop. */
const onProcessor = (): number => Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[0]) / 1e6;

interface Report {
  /** Milliseconds of the longest turn of the event loop. */
  readonly stop: number;
  /** Milliseconds of processor time, all threads. */
  readonly cpu: number;
  readonly peak: number;
}

async function runServer(imageThreads: number): Promise<void> {
  const log = createLogger({ level: "error" });
  const server = await serve(Pictures, { host: "127.0.0.1", port: 0, log, imageThreads });
  await server.ready();
  let stop = 0;
  let cpu = process.cpuUsage();
  process.on("message", (message) => {
    if (message === "start") {
      cpu = process.cpuUsage();
      let before = onProcessor();
      setInterval(() => {
        const now = onProcessor();
        stop = Math.max(stop, now - before);
        before = now;
      }, 1);
    } else {
      const { user, system } = process.cpuUsage(cpu);
      process.send?.({ stop, cpu: (user + system) / 1000, peak: peak() } satisfies Report);
    }
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.(server.url);
}

/** `count` requests of one picture, `inFlight` at a time; gives pictures a second. */
async function measure(
  threads: number,
  picture: Buffer,
  count: number,
  inFlight: number,
): Promise<Report & { rate: number }> {
  const child = fork(fileURLToPath(import.meta.url), ["server", String(threads)], {
    execArgv: ["--import", new URL("../typescript.mjs", import.meta.url).href],
  });
  const [url] = (await once(child, "message")) as [string];
  const body = JSON.stringify({ instances: [{ b64: picture.toString("base64") }] });
  const ask = async (): Promise<void> => {
    const response = await fetch(`${url}/v1/models/model:predict`, { method: "POST", body });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  };
  // Threads begin, and code is compiled.
  await Promise.all(Array.from({ length: Math.max(4, threads * 2) }, ask));
  child.send("start");
  const started = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await ask();
    }),
  );
  const rate = (count / (performance.now() - started)) * 1000;
  child.send("report");
  const [report] = (await once(child, "message")) as [Report];
  child.disconnect();
  await once(child, "exit");
  return { ...report, rate };
}

async function main(): Promise<void> {
  console.log(
    "| pictures | threads | pictures a second | against one thread | CPU a picture | longest stop | peak memory |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  for (const [width, height, count, inFlight] of [
    [4000, 3000, 32, 32],
    [1600, 1200, 200, 16],
    [800, 1000, 400, 16],
  ] as const) {
    const picture = await drawPicture(width, height);
    const name = `${count} of ${((width * height) / 1e6).toFixed(1)} MP (${(picture.length / 1e6).toFixed(1)} MB), ${inFlight} in flight`;
    let one = 0;
    for (const threads of [0, 1, 2]) {
      const { rate, stop, cpu, peak: most } = await measure(threads, picture, count, inFlight);
      if (threads === 1) one = rate;
      const ratio = threads === 2 ? `${(rate / one).toFixed(2)} ×` : "";
      console.log(
        `| ${name} | ${threads} | ${rate.toFixed(1)} | ${ratio} | ${(cpu / count).toFixed(1)} ms | ${stop.toFixed(0)} ms | ${most.toFixed(0)} MB |`,
      );
    }
  }
}

await (process.argv[2] === "server" ? runServer(Number(process.argv[3])) : main());
