/**
 * Peak memory of a server: `node --import ./bench/typescript.mjs bench/image/memory.ts`. Each line is a process of its own:
 * 32 pictures of 12 megapixels in flight, in one request and in 32, resized by nearest and by exact bilinear, and one body of
 * 100 MB. Linux only: the peak is VmHWM of /proc/self/status, which counts native memory too.
 */
import { fork } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { createGuardedFetch } from "../../src/download/guarded-fetch.ts";
import { imageInstance } from "../../src/image/image-source.ts";
import { imageTensor } from "../../src/image/image-tensor.ts";
import { loadImages } from "../../src/image/load-images.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import type { RequestContext } from "../../src/inference/request-context.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { serve } from "../../src/server/serve.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const PICTURES = 32;
const [WIDTH, HEIGHT] = [4000, 3000];
const MEGABYTE = 1_000_000;

class Pictures extends Transformer {
  override async predict(request: InferRequest, context: RequestContext): Promise<InferResponse> {
    const resample = request.members["resample"] === "bilinear" ? "bilinear" : "nearest";
    const images = await loadImages(request.rows(imageInstance), context);
    const tensor = await imageTensor("x", images, { size: [224, 224], scaling: "tf", resample });
    return request.reply({ predictions: tensor.shape.map((size) => size) });
  }
}

class Numbers extends Transformer {
  override predict(request: InferRequest): InferResponse {
    return request.reply({ predictions: [request.inputs.reduce((sum, { data }) => sum + data.length, 0)] });
  }
}

const peak = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1000;

async function runServer(): Promise<void> {
  const fetch = createGuardedFetch({ allow: ["127.0.0.1"] });
  const limits = { maxBodyBytes: 110 * MEGABYTE };
  const log = createLogger({ level: "error" });
  const options = { host: "127.0.0.1", port: 0, log, fetch, limits };
  const server = await serve({ pictures: Pictures, numbers: Numbers }, options);
  await server.ready();
  process.on("message", () => process.send?.({ peak: peak() }));
  process.on("disconnect", () => process.exit(0));
  process.send?.({ url: server.url, idle: peak() });
}

/** Noise over a gradient: as large a JPEG as a photograph of its size. */
async function createPicture(): Promise<Buffer> {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
  randomFillSync(pixels);
  for (let i = 0; i < pixels.length; i++) pixels[i] = ((i / WIDTH) & 127) + ((pixels[i] as number) >> 3);
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

type Request = readonly [path: string, body: string | Uint8Array, headers: Record<string, string>];

async function measure(name: string, requests: readonly Request[]): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ["server"], {
    execArgv: ["--import", new URL("../typescript.mjs", import.meta.url).href],
  });
  const [{ url, idle }] = (await once(child, "message")) as [{ url: string; idle: number }];
  const started = performance.now();
  const answers = await Promise.all(
    requests.map(([path, body, headers]) => fetch(`${url}${path}`, { method: "POST", body: body as string, headers })),
  );
  const statuses = new Set(
    await Promise.all(answers.map(async (answer) => `${answer.status} ${(await answer.text()).slice(0, 60)}`)),
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  child.send("peak");
  const [{ peak: most }] = (await once(child, "message")) as [{ peak: number }];
  console.log(
    `| ${name} | ${idle.toFixed(0)} MB | ${most.toFixed(0)} MB | ${seconds} s | ${[...statuses].join(", ")} |`,
  );
  child.disconnect();
  await once(child, "exit");
}

/** V1 rows of text numbers, and V2 with binary tensors, of about so many bytes. */
function numbersAsText(bytes: number): string {
  const row = `[${new Array(1000).fill("0.123456789").join(",")}]`;
  return `{"instances":[${new Array(Math.floor(bytes / (row.length + 1))).fill(row).join(",")}]}`;
}

function numbersAsBinary(bytes: number): Request {
  const shape = [Math.floor(bytes / 4)];
  const parameters = { binary_data_size: (shape[0] as number) * 4 };
  const head = Buffer.from(JSON.stringify({ inputs: [{ name: "x", datatype: "FP32", shape, parameters }] }));
  const body = Buffer.concat([head, Buffer.alloc(parameters.binary_data_size)]);
  const headers = {
    "content-type": "application/octet-stream",
    "inference-header-content-length": String(head.length),
  };
  return ["/v2/models/numbers/infer", body, headers];
}

async function main(): Promise<void> {
  const picture = await createPicture();
  const files = createServer((_incoming, outgoing) => outgoing.end(picture));
  await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(files.address() as AddressInfo).port}/picture.jpg`;
  const json = { "content-type": "application/json" };
  const asking = (count: number, resample: string): Request => [
    "/v1/models/pictures:predict",
    JSON.stringify({ instances: new Array(count).fill({ url }), resample }),
    json,
  ];
  console.log(
    `${PICTURES} pictures of ${(WIDTH * HEIGHT) / 1e6} MP, ${(picture.length / MEGABYTE).toFixed(1)} MB each as JPEG`,
  );
  for (const resample of ["nearest", "bilinear"]) {
    await measure(`one request of ${PICTURES}, ${resample}`, [asking(PICTURES, resample)]);
    await measure(`${PICTURES} requests of one, ${resample}`, new Array(PICTURES).fill(asking(1, resample)));
  }
  const text = numbersAsText(100 * MEGABYTE);
  await measure(`100 MB of V1 numbers`, [["/v1/models/numbers:predict", text, json]]);
  await measure(`100 MB of V2 binary`, [numbersAsBinary(100 * MEGABYTE)]);
  files.close();
}

await (process.argv[2] === "server" ? runServer() : main());
