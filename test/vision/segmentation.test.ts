import { createTensor } from "kserve-transformer";
import { decodeSemantic, type RunLengths, runLengthsOf, toSegments } from "kserve-transformer/vision";
import sharp from "sharp";
import { logitsOf, semanticCases } from "./goldens/semantic.ts";

const { floor } = Math;

/** What pycocotools' decode does. */
function insideOf({ size: [height, width], counts }: RunLengths): boolean[] {
  const columns = counts.flatMap((count, index) => Array<boolean>(count).fill(index % 2 === 1));
  return Array.from({ length: width * height }, (_, i) => columns[(i % width) * height + floor(i / width)] === true);
}

const MAP = { width: 3, height: 2, classes: Uint16Array.of(7, 7, 0, 7, 0, 0) };

test("run lengths go down the columns and begin outside, as COCO's do", () => {
  expect(Array.from(runLengthsOf(MAP))).toEqual([
    [0, { size: [2, 3], counts: [3, 3] }],
    [7, { size: [2, 3], counts: [0, 3, 3] }],
  ]);
});

test("run lengths of each class cover exactly its pixels", async () => {
  const [given] = semanticCases.filter(({ stepped }) => stepped);
  if (given === undefined) throw new Error("no case");
  const [map] = await decodeSemantic(
    logitsOf(given),
    given.sizes.map(([height, width]) => ({ width, height })),
  );
  if (map === undefined) throw new Error("no map");
  const masks = runLengthsOf(map);
  expect([...masks.keys()]).toEqual([0, 1, 2]);
  for (const [name, mask] of masks) {
    expect(insideOf(mask)).toEqual(Array.from(map.classes, (own) => own === name));
  }
});

test("a mask as PNG is grey, 255 inside and 0 outside", async () => {
  const [, seven] = await toSegments(MAP, [], "png");
  const picture = sharp(Buffer.from(String(seven?.mask), "base64"));
  const { width, height, channels, depth } = await picture.metadata();
  expect([seven?.label, width, height, channels, depth]).toEqual(["7", 3, 2, 1, "uchar"]);
  const pixels = await picture.extractChannel(0).raw().toBuffer();
  expect(Array.from(pixels)).toEqual([255, 255, 0, 255, 0, 0]);
});

const floats = (shape: readonly number[], values?: readonly number[]) =>
  createTensor("logits", "FP32", shape, Float32Array.from(values ?? Array(shape.reduce((a, b) => a * b, 1)).fill(0)));

test.each<[string, () => Promise<unknown>, string]>([
  [
    "three dimensions",
    () => decodeSemantic(floats([1, 2, 3]), [{ width: 1, height: 1 }]),
    "output 'logits': expected numbers of shape [pictures, classes, height, width], got FP32 of shape [1,2,3]",
  ],
  [
    "no classes",
    () => decodeSemantic(floats([1, 0, 2, 2]), [{ width: 1, height: 1 }]),
    "expected numbers of shape [pictures, classes, height, width], got FP32 of shape [1,0,2,2]",
  ],
  [
    "another number of pictures",
    () => decodeSemantic(floats([2, 1, 1, 1]), [{ width: 1, height: 1 }]),
    "output 'logits' is of 2 pictures, and 1 were sent",
  ],
  [
    "what is no number",
    () => decodeSemantic(floats([1, 1, 1, 2], [0, Number.NaN]), [{ width: 1, height: 1 }]),
    "output 'logits': expected finite numbers, got NaN at 1",
  ],
  ["a class without a label", () => toSegments(MAP, ["sky", "sea"]), "the model found class 7, and there are 2 labels"],
])("%s is refused", async (_, call, message) => {
  await expect(call()).rejects.toThrow(
    expect.objectContaining({ status: 502, message: expect.stringContaining(message) }),
  );
});

test("a client that leaves ends the work", async () => {
  const logits = floats([1, 150, 64, 64]);
  const signal = AbortSignal.timeout(30);
  const started = performance.now();
  await expect(decodeSemantic(logits, [{ width: 4000, height: 3000 }], { signal })).rejects.toThrow("timeout");
  expect(performance.now() - started).toBeLessThan(5000);
});
