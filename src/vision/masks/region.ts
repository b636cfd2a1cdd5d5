import type { Pace } from "../pace.ts";
import type { LinearTaps } from "./linear-taps.ts";

/** A rectangle of a plane: whole pixels, the right and the lower edge excluded. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The numbers of a rectangle, row by row. */
export interface Region extends Rectangle {
  readonly values: Float32Array;
}

const { fround } = Math;

/** What of the plane has to be known for `target` of the stretched one. */
export function sourceOf(target: Rectangle, across: LinearTaps, down: LinearTaps): Rectangle {
  return {
    left: across.first[target.left] as number,
    top: down.first[target.top] as number,
    right: (across.second[target.right - 1] as number) + 1,
    bottom: (down.second[target.bottom - 1] as number) + 1,
  };
}

/**
 * Rows of a stretched plane within `target`, from the top: torch's bilinear `interpolate` on a CPU with fused multiplication.
 * @param source At least `sourceOf(target, across, down)`.
 * @param take Is given each row in an array that is used again for the next.
 */
export async function stretchRegion(
  source: Region,
  across: LinearTaps,
  down: LinearTaps,
  target: Rectangle,
  pace: Pace,
  take: (row: Float32Array, y: number) => void,
): Promise<void> {
  const width = target.right - target.left;
  const kept = [new Float32Array(width), new Float32Array(width)] as const;
  const keptOf = [-1, -1];
  const wide = (y: number): Float32Array => {
    // Neighbours are of different parity: the two arrays hold them both.
    const values = kept[(y % 2) as 0 | 1];
    if (keptOf[y % 2] !== y) widen(source, across, target.left, y, values);
    keptOf[y % 2] = y;
    return values;
  };
  const row = new Float32Array(width);
  for (let y = target.top; y < target.bottom; y++) {
    const [above, below] = [wide(down.first[y] as number), wide(down.second[y] as number)];
    const [over, under] = [down.firstWeight[y] as number, down.secondWeight[y] as number];
    for (let x = 0; x < width; x++) {
      row[x] = (above[x] as number) * over + fround((below[x] as number) * under);
    }
    take(row, y);
    if (pace.isDue) await pace.rest();
  }
}

function widen(source: Region, across: LinearTaps, left: number, y: number, to: Float32Array): void {
  const { first, second, firstWeight, secondWeight } = across;
  const { values } = source;
  const start = (y - source.top) * (source.right - source.left) - source.left;
  for (let x = 0; x < to.length; x++) {
    const at = left + x;
    const own = (values[start + (first[at] as number)] as number) * (firstWeight[at] as number);
    to[x] = own + fround((values[start + (second[at] as number)] as number) * (secondWeight[at] as number));
  }
}
