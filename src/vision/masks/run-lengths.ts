import type { ClassMap } from "./class-map.ts";

/** COCO's uncompressed form of a mask: `pycocotools.mask.frPyObjects` reads it. */
export interface RunLengths {
  readonly [key: string]: readonly number[];
  /** Height and width in pixels. */
  readonly size: readonly [height: number, width: number];
  /** Pixels outside, inside, outside and so on, column by column from the left upper corner. */
  readonly counts: readonly number[];
}

/** The mask of each class that is on the picture, by its number. */
export function runLengthsOf({ width, height, classes }: ClassMap): Map<number, RunLengths> {
  const pixels = width * height;
  const found = new Map<number, { counts: number[]; end: number }>();
  let start = 0;
  let current = classes[0];
  const finish = (end: number): void => {
    if (current === undefined) return;
    const run = found.get(current) ?? { counts: [], end: 0 };
    run.counts.push(start - run.end, end - start);
    run.end = end;
    found.set(current, run);
  };
  for (let x = 0, place = 0; x < width; x++) {
    for (let y = 0; y < height; y++, place++) {
      const name = classes[y * width + x];
      if (name === current) continue;
      finish(place);
      start = place;
      current = name;
    }
  }
  finish(pixels);
  const masks = Array.from(found, ([name, { counts, end }]): [number, RunLengths] => [
    name,
    { size: [height, width], counts: end < pixels ? [...counts, pixels - end] : counts },
  ]);
  return new Map(masks.sort(([one], [other]) => one - other));
}
