import type { Pixels, Resample } from "./image.ts";
import { computeTaps, PRECISION_BITS } from "./resample-filter.ts";

// A 32-bit product keeps the sums in integers, where the engine's loops are fast; a global looked up per sample is slow.
const { imul } = Math;

/** Added before the shift that drops the fraction: rounds half up. */
const HALF = 1 << (PRECISION_BITS - 1);

/** Version of Pillow whose pixels are wanted: 12 stands for every one up to 12.3. */
export type PillowVersion = 12 | 13;

/**
 * Pixels at another size, bit for bit as `Image.resize((width, height), resample)` of Pillow makes them from an RGB image.
 * Nearest is the same in every Pillow; the other kernels round to 8 bits after each of two passes, and Pillow 13.0 runs
 * the vertical pass first on tall images, where older ones always began with the horizontal pass.
 */
export function resizePixels(
  pixels: Pixels,
  width: number,
  height: number,
  resample: Resample,
  pillow: PillowVersion = 13,
): Pixels {
  if (width === pixels.width && height === pixels.height) return pixels;
  if (resample === "nearest") return resizeNearest(pixels, width, height);
  if (width === pixels.width) return resizeRows(pixels, height, resample);
  if (height === pixels.height) return resizeColumns(pixels, width, resample);
  const verticalFirst = pillow === 13 && pixels.height - height > 2 * Math.max(0, pixels.width - width);
  return verticalFirst
    ? resizeColumns(resizeRows(pixels, height, resample), width, resample)
    : resizeRows(resizeColumns(pixels, width, resample), height, resample);
}

/** The horizontal pass. */
function resizeColumns(pixels: Pixels, width: number, resample: Exclude<Resample, "nearest">): Pixels {
  const { start, count, weights, stride } = computeTaps(pixels.width, width, resample);
  const source = pixels.data;
  const target = new Uint8ClampedArray(width * pixels.height * 3);
  let to = 0;
  for (let y = 0; y < pixels.height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let from = (y * pixels.width + (start[x] as number)) * 3;
      const end = x * stride + (count[x] as number);
      for (let tap = x * stride; tap < end; tap++, from += 3) {
        const weight = weights[tap] as number;
        red = (red + imul(source[from] as number, weight)) | 0;
        green = (green + imul(source[from + 1] as number, weight)) | 0;
        blue = (blue + imul(source[from + 2] as number, weight)) | 0;
      }
      target[to] = red >> PRECISION_BITS;
      target[to + 1] = green >> PRECISION_BITS;
      target[to + 2] = blue >> PRECISION_BITS;
    }
  }
  return { width, height: pixels.height, data: new Uint8Array(target.buffer) };
}

/** The vertical pass. */
function resizeRows(pixels: Pixels, height: number, resample: Exclude<Resample, "nearest">): Pixels {
  const { start, count, weights, stride } = computeTaps(pixels.height, height, resample);
  const source = pixels.data;
  const rowBytes = pixels.width * 3;
  const target = new Uint8ClampedArray(rowBytes * height);
  const sums = new Int32Array(rowBytes);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let tap = 0; tap < (count[y] as number); tap++) {
      const weight = weights[y * stride + tap] as number;
      const row = ((start[y] as number) + tap) * rowBytes;
      for (let i = 0; i < rowBytes; i++) sums[i] = (sums[i] as number) + imul(source[row + i] as number, weight);
    }
    const to = y * rowBytes;
    for (let i = 0; i < rowBytes; i++) target[to + i] = (sums[i] as number) >> PRECISION_BITS;
  }
  return { width: pixels.width, height, data: new Uint8Array(target.buffer) };
}

function resizeNearest(pixels: Pixels, width: number, height: number): Pixels {
  const columns = nearestSamples(pixels.width, width);
  const rows = nearestSamples(pixels.height, height);
  const source = pixels.data;
  const target = new Uint8Array(width * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = (rows[y] as number) * pixels.width;
    for (let x = 0; x < width; x++, to += 3) {
      const from = (row + (columns[x] as number)) * 3;
      target[to] = source[from] as number;
      target[to + 1] = source[from + 1] as number;
      target[to + 2] = source[from + 2] as number;
    }
  }
  return { width, height, data: target };
}

/** Pillow adds the step up instead of multiplying; the rounding of that sum decides ties. */
function nearestSamples(size: number, target: number): Int32Array {
  const samples = new Int32Array(target);
  const step = size / target;
  for (let i = 0, at = step * 0.5; i < target; i++, at += step) samples[i] = Math.min(Math.trunc(at), size - 1);
  return samples;
}
