import type { Pace } from "../pace.ts";
import { type LinearTaps, linearTaps } from "./linear-taps.ts";

/** The class of each pixel of a picture. */
export interface ClassMap {
  readonly width: number;
  readonly height: number;
  /** Number of each pixel's class, row by row. */
  readonly classes: Uint16Array;
}

/** Logits of one picture, class by class, row by row. */
export interface ClassLogits {
  readonly classes: number;
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

const { fround } = Math;

/**
 * torch's `interpolate(logits, size, mode="bilinear", align_corners=False).argmax(0)` on a CPU with fused multiplication, bit for
 * bit where height and width are more than 128 together; below that torch sums in another order.
 */
export async function classMapOf(logits: ClassLogits, width: number, height: number, pace: Pace): Promise<ClassMap> {
  const across = linearTaps(logits.width, width);
  const down = linearTaps(logits.height, height);
  const rows = new WideRows(logits, across, width);
  const classes = new Uint16Array(width * height);
  const best = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    const above = rows.at(down.first[y] as number);
    const below = rows.at(down.second[y] as number);
    const [over, under] = [down.firstWeight[y] as number, down.secondWeight[y] as number];
    const row = classes.subarray(y * width, (y + 1) * width);
    best.fill(Number.NEGATIVE_INFINITY);
    for (let name = 0; name < logits.classes; name++) {
      const from = name * width;
      for (let x = 0; x < width; x++) {
        const value = fround((above[from + x] as number) * over + fround((below[from + x] as number) * under));
        if (value > (best[x] as number)) {
          best[x] = value;
          row[x] = name;
        }
      }
    }
    if (pace.isDue) await pace.rest();
  }
  return { width, height, classes };
}

/** Rows of all classes at the new width; the last two are kept, since neighbours need the same. */
class WideRows {
  readonly #logits: ClassLogits;
  readonly #across: LinearTaps;
  readonly #width: number;
  readonly #kept = new Map<number, Float32Array>();

  constructor(logits: ClassLogits, across: LinearTaps, width: number) {
    this.#logits = logits;
    this.#across = across;
    this.#width = width;
  }

  at(row: number): Float32Array {
    const kept = this.#kept.get(row);
    if (kept !== undefined) return kept;
    // Rows are asked for from the top to the bottom: the first of the map is the one that is done.
    const [oldest] = this.#kept.keys();
    const target =
      this.#kept.size < 2 || oldest === undefined
        ? new Float32Array(this.#logits.classes * this.#width)
        : (this.#kept.get(oldest) as Float32Array);
    if (this.#kept.size >= 2 && oldest !== undefined) this.#kept.delete(oldest);
    this.#widen(row, target);
    this.#kept.set(row, target);
    return target;
  }

  #widen(row: number, target: Float32Array): void {
    const { classes, width, height, values } = this.#logits;
    const { first, second, firstWeight, secondWeight } = this.#across;
    for (let name = 0; name < classes; name++) {
      const from = (name * height + row) * width;
      const to = name * this.#width;
      for (let x = 0; x < this.#width; x++) {
        const left = (values[from + (first[x] as number)] as number) * (firstWeight[x] as number);
        target[to + x] = left + fround((values[from + (second[x] as number)] as number) * (secondWeight[x] as number));
      }
    }
  }
}
