import type { PillowVersion, PixelBox, Pixels, Resample } from "../image.ts";
import { FILTERS } from "./filter-taps.ts";
import { resizePixels } from "./resize-pixels.ts";

const { ceil, max, min, trunc } = Math;

/**
 * `Image.resize((width, height), resample, reducing_gap=reducingGap)` of Pillow: a picture that is much larger is first reduced by
 * whole factors, which is faster and leaves pixels that differ a little. Nearest is never reduced.
 */
export function resizeReduced(
  pixels: Pixels,
  width: number,
  height: number,
  resample: Resample,
  pillow: PillowVersion,
  reducingGap: number,
): Pixels {
  if (resample === "nearest" || (width === pixels.width && height === pixels.height))
    return resizePixels(pixels, width, height, resample, pillow);
  const across = trunc(pixels.width / width / reducingGap) || 1;
  const down = trunc(pixels.height / height / reducingGap) || 1;
  if (across === 1 && down === 1) return resizePixels(pixels, width, height, resample, pillow);
  const reach = FILTERS[resample].support - 0.5;
  const right = min(pixels.width, ceil(pixels.width + reach * (pixels.width / width)));
  const bottom = min(pixels.height, ceil(pixels.height + reach * (pixels.height / height)));
  const box: PixelBox = [0, 0, right / across, bottom / down];
  return resizePixels(reducePixels(pixels, across, down), width, height, resample, pillow, box);
}

/** `Image.reduce((across, down))`: the mean of each block, rounded half up; blocks at the border may be smaller. */
export function reducePixels({ width, height, data }: Pixels, across: number, down: number): Pixels {
  const [columns, rows] = [ceil(width / across), ceil(height / down)];
  const target = new Uint8Array(columns * rows * 3);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [row * down, min(height, (row + 1) * down)];
    for (let column = 0; column < columns; column++) {
      const [left, right] = [column * across, min(width, (column + 1) * across)];
      const count = max(1, (right - left) * (bottom - top));
      for (let channel = 0; channel < 3; channel++) {
        let sum = trunc(count / 2);
        for (let y = top; y < bottom; y++) {
          for (let at = (y * width + left) * 3 + channel; at < (y * width + right) * 3; at += 3)
            sum += data[at] as number;
        }
        target[to++] = divide(sum, count);
      }
    }
  }
  return { width: columns, height: rows, data: target };
}

/** Pillow multiplies by a reciprocal of 24 bits. */
function divide(sum: number, count: number): number {
  const multiplier = trunc(2 ** 24 / count);
  return trunc((sum * multiplier) / 2 ** 24) & 255;
}
