import { batchedNms, nms, nmsBoxes } from "kserve-transformer/vision";
import { boxesAndScores } from "./computed.ts";

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
