import { batchedNms, nms, nmsBoxes, nmsBoxesBatched } from "kserve-transformer/vision";
import { boxesAndScores, digest, readFixture } from "./computed.ts";

interface Kept {
  readonly count: number;
  readonly sha256: string;
}

interface NmsCase {
  readonly seed: number;
  readonly count: number;
  readonly whole: boolean;
  readonly iou: number;
  readonly nms: Kept;
  readonly batched: Kept;
}

interface OpencvCase extends NmsCase {
  readonly score: number;
  readonly eta: number;
  readonly topK: number;
}

const { versions, ...cases } = readFixture<{
  versions: Record<string, string>;
  nms: NmsCase[];
  opencv: OpencvCase[];
}>("detection.json");

const keptOf = (places: readonly number[]): Kept => ({
  count: places.length,
  sha256: digest(Uint32Array.from(places)),
});

test(`240 sets of boxes: what torchvision ${versions["torchvision"]} keeps, class by class and not`, async () => {
  for (const { seed, count, whole, iou, nms: one, batched } of cases.nms) {
    const { boxes, scores, classes } = boxesAndScores(seed, count, whole);
    expect({ seed, ...keptOf(await nms(boxes, scores, { iouThreshold: iou })) }).toEqual({ seed, ...one });
    const many = await batchedNms(boxes, scores, classes, { iouThreshold: iou });
    expect({ seed, ...keptOf(many) }).toEqual({ seed, ...batched });
  }
  expect(cases.nms.some(({ count }) => count > 1000)).toBe(true);
});

test(`240 sets of boxes: what OpenCV ${versions["opencv"]} keeps, class by class and not`, async () => {
  for (const { seed, count, whole, score, iou, eta, topK, nms: one, batched } of cases.opencv) {
    const { boxes, scores, classes } = boxesAndScores(seed, count, whole);
    const rectangles = Float64Array.from(boxes, (value, i) =>
      i % 4 < 2 ? value : Math.fround(value - (boxes[i - 2] as number)),
    );
    const options = { scoreThreshold: score, nmsThreshold: iou, eta, topK };
    expect({ seed, ...keptOf(await nmsBoxes(rectangles, scores, options)) }).toEqual({ seed, ...one });
    const many = await nmsBoxesBatched(rectangles, scores, classes, options);
    expect({ seed, ...keptOf(many) }).toEqual({ seed, ...batched });
  }
});

test("limit ends with the best", async () => {
  const { boxes, scores } = boxesAndScores(7, 200, false);
  const all = await nms(boxes, scores, { iouThreshold: 0.5 });
  expect(await nms(boxes, scores, { iouThreshold: 0.5, limit: 5 })).toEqual(all.slice(0, 5));
});

test.each([
  ["nms", () => nms([0, 0, 1], [1], { iouThreshold: 0.5 }), "got 3 numbers and 1 scores"],
  ["batchedNms", () => batchedNms([0, 0, 1, 1], [1], [], { iouThreshold: 0.5 }), "got 4 numbers and 0 classes"],
  ["nmsBoxes", () => nmsBoxes([0, 0], [1], { scoreThreshold: 0, nmsThreshold: 0 }), "got 2 numbers and 1 scores"],
  [
    "nmsBoxes",
    () => nmsBoxes([0, 0, 1, 1], [1], { scoreThreshold: 0, nmsThreshold: -1 }),
    "expected scoreThreshold and nmsThreshold of at least 0",
  ],
])("%s refuses boxes and scores that do not belong together", async (_, call, message) => {
  await expect(call()).rejects.toThrow(message);
});

test("100,000 boxes let others in, and stop when the request is gone", async () => {
  const { boxes, scores } = boxesAndScores(3, 100_000, false);
  const turns = { count: 0 };
  const turn = setInterval(() => turns.count++, 0);
  const gone = new AbortController();
  const work = nms(boxes, scores, { iouThreshold: 1, signal: gone.signal });
  setTimeout(() => gone.abort(new Error("gone")), 100);
  await expect(work).rejects.toThrow("gone");
  clearInterval(turn);
  expect(turns.count).toBeGreaterThan(1);
});
