/**
 * Image URL (loopback) → tensor → V1 text or V2's raw bytes, against sharp's decode of the same bytes alone, in turns in one run.
 *
 *     node --import ./bench/typescript.mjs bench/image/url-to-tensor.ts [picture.jpg …]
 *
 * Without arguments it draws JPEGs of 0.8, 2 and 12 megapixels. Times are the shortest of all rounds, which other
 * work on the machine disturbs least; the ratio that counts is that of the whole way to the decode.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import sharp from "sharp";
import { createGuardedFetch } from "../../src/download/guarded-fetch.ts";
import { type ImageTensorOptions, imageTensor } from "../../src/image/image-tensor.ts";
import { loadImages } from "../../src/image/load-images.ts";
import { toRawBytes } from "../../src/tensor/elements/raw-elements.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { formatElements } from "../../src/tensor/write-numbers.ts";
import { drawPicture } from "./draw-picture.ts";

const ROUNDS = 30;
const WARM_UP = 15;

const pictures: [string, Buffer][] = process.argv.slice(2).map((file) => [basename(file), readFileSync(file)]);
if (pictures.length === 0) {
  for (const [width, height] of [
    [800, 1000],
    [1600, 1200],
    [4000, 3000],
  ] as const) {
    pictures.push([`drawn ${width} × ${height}`, await drawPicture(width, height)]);
  }
}

let served: Buffer = Buffer.alloc(0);
const server = createServer((_, response) => response.end(served));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/picture.jpg`;
const fetch = createGuardedFetch({ allow: ["127.0.0.1"] });

async function wholeWay(options: ImageTensorOptions, write: (tensor: Tensor) => unknown): Promise<number> {
  const started = performance.now();
  const images = await loadImages([{ url }], { fetch });
  write(await imageTensor("image", images, options));
  return performance.now() - started;
}

const toText = (tensor: Tensor): unknown => formatElements(tensor, "nested");

async function decodeAlone(bytes: Buffer): Promise<number> {
  const started = performance.now();
  await sharp(bytes).raw().toBuffer();
  return performance.now() - started;
}

const variants: [string, ImageTensorOptions][] = [
  ["nearest 299", { size: [299, 299], scaling: "tf" }],
  ["nearest 224", { size: [224, 224], scaling: "tf" }],
  ["bilinear 299", { size: [299, 299], scaling: "tf", resample: "bilinear" }],
  ["bilinear 299, fast", { size: [299, 299], scaling: "tf", resample: "bilinear", mode: "fast" }],
];
for (const [name, bytes] of pictures) {
  served = bytes;
  for (const [variant, options] of variants) {
    let [text, raw, decode] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      const times = [
        await wholeWay(options, toText),
        await wholeWay(options, toRawBytes),
        await decodeAlone(bytes),
      ] as const;
      if (round < WARM_UP) continue;
      text = Math.min(text, times[0]);
      raw = Math.min(raw, times[1]);
      decode = Math.min(decode, times[2]);
    }
    const ratios = `${(text / decode).toFixed(2)} and ${(raw / decode).toFixed(2)}`;
    const times = `URL to V1 text ${text.toFixed(1)} ms, to V2 bytes ${raw.toFixed(1)} ms, decode alone ${decode.toFixed(1)} ms`;
    console.log(`${name}, ${variant}: ${times}, ratios ${ratios}`);
  }
}
await fetch.close();
server.close();
server.closeAllConnections();
