import type { Raster } from "../raster.ts";

const { ceil, floor, fround, min } = Math;

/** The source samples that one target sample covers, and how much of each. */
interface Cover {
  readonly start: number;
  /** One a sample from `start`. */
  readonly shares: readonly number[];
}

/** TensorFlow's ResizeArea: each target pixel is the mean of the source area under it, summed in float32. */
export function resizeArea({ width, height, channels, data }: Raster, toWidth: number, toHeight: number): Float32Array {
  const acrossScale = fround(width / toWidth);
  const downScale = fround(height / toHeight);
  const columns = findCovers(toWidth, acrossScale);
  const rows = findCovers(toHeight, downScale);
  const scale = fround(1 / fround(downScale * acrossScale));
  const target = new Float32Array(toWidth * toHeight * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (const [y, rowShare] of row.shares.entries()) {
          const line = min(row.start + y, height - 1) * width;
          let rowSum = 0;
          for (const [x, share] of column.shares.entries()) {
            const sample = data[(line + min(column.start + x, width - 1)) * channels + channel] as number;
            rowSum = fround(rowSum + fround(sample * share));
          }
          sum = fround(sum + fround(rowSum * rowShare));
        }
        target[to++] = sum * scale;
      }
    }
  }
  return target;
}

/** Rounding may take the last one beyond the border, where the border's sample counts once more. */
function findCovers(target: number, scale: number): Cover[] {
  return Array.from({ length: target }, (_, i) => {
    const from = fround(i * scale);
    const until = fround((i + 1) * scale);
    const start = floor(from);
    const shares: number[] = [];
    for (let sample = start; sample < ceil(until); sample++) {
      const end = sample + 1;
      if (sample < from) shares.push(end > until ? scale : fround(end - from));
      else shares.push(end > until ? fround(until - sample) : 1);
    }
    return { start, shares };
  });
}
