import { batchedNms, nms, nmsBoxes, nmsBoxesBatched } from "kserve-transformer/vision";
import { boxesAndScores, digest, readFixture } from "../computed.ts";
import { type Golden, Tally } from "./golden.ts";

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

/** Which of 240 sets of boxes, some of more than 1000, torchvision keeps: class by class and not. */
export async function torchvisionNms(): Promise<Golden[]> {
  const [one, many] = [new Tally(), new Tally()];
  for (const { seed, count, whole, iou, nms: kept, batched } of cases.nms) {
    const { boxes, scores, classes } = boxesAndScores(seed, count, whole);
    const options = { iouThreshold: iou };
    one.equal(`seed ${seed}`, keptOf(await nms(boxes, scores, options)), kept, count);
    many.equal(`seed ${seed}`, keptOf(await batchedNms(boxes, scores, classes, options)), batched, count);
  }
  const library = `torchvision ${versions["torchvision"]}`;
  return [one.finish(library, "`nms`", "boxes"), many.finish(library, "`batched_nms`", "boxes")];
}

export async function opencvNms(): Promise<Golden[]> {
  const [one, many] = [new Tally(), new Tally()];
  for (const { seed, count, whole, score, iou, eta, topK, nms: kept, batched } of cases.opencv) {
    const { boxes, scores, classes } = boxesAndScores(seed, count, whole);
    const rectangles = Float64Array.from(boxes, (value, i) =>
      i % 4 < 2 ? value : Math.fround(value - (boxes[i - 2] as number)),
    );
    const options = { scoreThreshold: score, nmsThreshold: iou, eta, topK };
    one.equal(`seed ${seed}`, keptOf(await nmsBoxes(rectangles, scores, options)), kept, count);
    const places = await nmsBoxesBatched(rectangles, scores, classes, options);
    many.equal(`seed ${seed}`, keptOf(places), batched, count);
  }
  const library = `OpenCV ${versions["opencv"]}`;
  return [one.finish(library, "`NMSBoxes`", "boxes"), many.finish(library, "`NMSBoxesBatched`", "boxes")];
}
