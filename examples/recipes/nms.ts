import { type InferResponse, Transformer } from "kserve-transformer";

type Box = readonly [left: number, top: number, right: number, bottom: number, score: number];

/** Keeps the best box of those that overlap by more than half; a row is a picture's boxes. */
export default class Suppression extends Transformer {
  override postprocess(response: InferResponse) {
    return response.withPredictions(response.predictions.map((boxes) => suppress(boxes as unknown as readonly Box[])));
  }
}

function suppress(boxes: readonly Box[]): number[][] {
  const kept: Box[] = [];
  for (const box of boxes.toSorted((a, b) => b[4] - a[4])) {
    if (kept.every((other) => overlap(box, other) <= 0.5)) kept.push(box);
  }
  return kept.map((box) => [...box]);
}

function overlap(a: Box, b: Box): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  return (width * height) / (area(a) + area(b) - width * height);
}

const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
