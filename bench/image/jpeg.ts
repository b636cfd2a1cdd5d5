/**
 * JPEG by the decoder with TensorFlow's pixels and by libvips, in turns in one run, one thread each:
 *
 *     node --import ./bench/typescript.mjs bench/image/jpeg.ts [FILE…]
 *
 * Without files it draws its own. Times are the shortest of all rounds.
 */
import { readFileSync } from "node:fs";
import sharp from "sharp";
import { decodeTensorflowJpeg } from "../../src/image/decode/jpeg/tensorflow-jpeg.ts";
import { openImage } from "../../src/image/open-image.ts";
import { drawPicture } from "./draw-picture.ts";

const ROUNDS = 9;
sharp.concurrency(1);

const drawn = async (width: number, height: number): Promise<[string, Buffer][]> => {
  const baseline = await drawPicture(width, height);
  const progressive = await sharp(baseline).jpeg({ quality: 88, progressive: true }).toBuffer();
  return [
    [`${width} × ${height}, baseline`, baseline],
    [`${width} × ${height}, progressive`, progressive],
  ];
};

const named = process.argv.slice(2).map((file): [string, Buffer] => [file, readFileSync(file)]);
const files = named.length > 0 ? named : [...(await drawn(800, 600)), ...(await drawn(4000, 3000))];

const time = async (run: () => unknown): Promise<number> => {
  const started = performance.now();
  await run();
  return performance.now() - started;
};

console.log(
  `Node ${process.version}\n\n| picture | kB | ours ms | libvips ms | ratio |\n| --- | --- | --- | --- | --- |`,
);
for (const [name, bytes] of files) {
  const image = await openImage(bytes);
  let [ours, theirs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round++) {
    ours = Math.min(ours, await time(() => decodeTensorflowJpeg(bytes, 3)));
    theirs = Math.min(theirs, await time(() => image.decode()));
  }
  const ratio = (ours / theirs).toFixed(1);
  console.log(
    `| ${name} | ${Math.round(bytes.length / 1000)} | ${ours.toFixed(1)} | ${theirs.toFixed(1)} | ${ratio} |`,
  );
}
