import type { Pixels } from "../image.ts";
import { PRECISION_BITS, type Taps } from "./filter-taps.ts";
import { planTaps, type ResizePlan } from "./resize-plan.ts";

// A 32-bit product keeps the sums in integers, where the engine's loops are fast; a global looked up per sample is slow.
const { imul } = Math;

/** Added before the shift that drops the fraction: rounds half up. */
const HALF = 1 << (PRECISION_BITS - 1);

/** Both passes in JavaScript, for engines without WebAssembly SIMD; an axis that keeps its size has none. */
export function resizeScalar(pixels: Pixels, plan: ResizePlan): Pixels {
  const { horizontal, vertical } = planTaps(pixels, plan);
  return plan.verticalFirst
    ? resizeColumns(resizeRows(pixels, vertical), horizontal)
    : resizeRows(resizeColumns(pixels, horizontal), vertical);
}

/** The horizontal pass. */
function resizeColumns(pixels: Pixels, taps: Taps | undefined): Pixels {
  if (taps === undefined) return pixels;
  const { start, count, weights, stride } = taps;
  const width = start.length;
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
function resizeRows(pixels: Pixels, taps: Taps | undefined): Pixels {
  if (taps === undefined) return pixels;
  const { start, count, weights, stride } = taps;
  const height = start.length;
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
