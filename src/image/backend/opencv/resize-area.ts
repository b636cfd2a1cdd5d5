import { roundHalfToEven } from "../../round-half-to-even.ts";
import type { Raster } from "../raster.ts";

const { ceil, floor, fround, min } = Math;

/** Reducing by whole numbers: the mean of each block. */
export function resizeBlocks(
  { width, channels, data }: Raster<Uint8Array>,
  toWidth: number,
  toHeight: number,
  across: number,
  down: number,
): Uint8Array {
  const target = new Uint8Array(toWidth * toHeight * channels);
  const share = fround(1 / (across * down));
  const rounded =
    across === 2 && down === 2
      ? (sum: number) => (sum + 2) >> 2
      : (sum: number) => roundHalfToEven(fround(sum * share));
  let to = 0;
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let row = y * down; row < (y + 1) * down; row++) {
          for (let column = x * across; column < (x + 1) * across; column++) {
            sum += data[(row * width + column) * channels + channel] as number;
          }
        }
        target[to++] = rounded(sum);
      }
    }
  }
  return target;
}

/** Source samples that a target sample covers, with the share of it that each fills. */
interface Cover {
  readonly start: number;
  readonly shares: readonly number[];
}

/** Reducing by any other scale, in float32: rows are summed horizontally first, then weighed. */
export function resizeCovered(
  { width, height, channels, data }: Raster<Uint8Array>,
  toWidth: number,
  toHeight: number,
): Uint8Array {
  const columns = findCovers(width, toWidth);
  const rows = findCovers(height, toHeight);
  const target = new Uint8Array(toWidth * toHeight * channels);
  const sums = new Float32Array(toWidth * channels);
  for (const [y, row] of rows.entries()) {
    sums.fill(0);
    for (const [offset, rowShare] of row.shares.entries()) {
      const line = (row.start + offset) * width;
      for (const [x, column] of columns.entries()) {
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          let from = (line + column.start) * channels + channel;
          for (const share of column.shares) {
            sum = fround(sum + fround((data[from] as number) * share));
            from += channels;
          }
          const place = x * channels + channel;
          sums[place] = (sums[place] as number) + fround(sum * rowShare);
        }
      }
    }
    for (let i = 0; i < sums.length; i++) target[y * sums.length + i] = roundHalfToEven(sums[i] as number);
  }
  return target;
}

/** Less than a thousandth of a sample is left out. */
const LEAST = 1e-3;

function findCovers(size: number, target: number): Cover[] {
  const scale = 1 / (target / size);
  return Array.from({ length: target }, (_, i) => {
    const from = i * scale;
    const until = from + scale;
    const cell = min(scale, size - from);
    const last = min(floor(until), size - 1);
    const first = min(ceil(from), last);
    const shares: number[] = [];
    const partial = first - from > LEAST;
    if (partial) shares.push(fround((first - from) / cell));
    for (let sample = first; sample < last; sample++) shares.push(fround(1 / cell));
    if (until - last > LEAST) shares.push(fround(min(until - last, 1, cell) / cell));
    return { start: partial ? first - 1 : first, shares };
  });
}
