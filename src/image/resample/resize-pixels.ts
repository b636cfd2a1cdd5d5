import type { PillowVersion, PixelBox, Pixels, Resample } from "../image.ts";
import { loadKernel } from "./load-kernel.ts";
import type { ResizePlan } from "./resize-plan.ts";
import { resizeScalar } from "./scalar-passes.ts";

/**
 * Pixels at another size, bit for bit as `Image.resize((width, height), resample, box)` of Pillow makes them from an RGB image.
 * Nearest is the same in every Pillow; the other kernels round to 8 bits after each of two passes, and Pillow 13.0 runs
 * the vertical pass first on tall images, where older ones did so on those alone that are over 100 times taller than wide.
 * @param box The part that is stretched to the size; the whole picture by default.
 */
export function resizePixels(
  pixels: Pixels,
  width: number,
  height: number,
  resample: Resample,
  pillow: PillowVersion = 13,
  box?: PixelBox,
): Pixels {
  // Pillow keeps the box as float32.
  const part = (box?.map(Math.fround) ?? [0, 0, pixels.width, pixels.height]) as unknown as PixelBox;
  const isWhole = part.every((side, index) => side === [0, 0, pixels.width, pixels.height][index]);
  if (isWhole && width === pixels.width && height === pixels.height) return pixels;
  if (resample === "nearest") return resizeNearest(pixels, width, height, part);
  const plan: ResizePlan = {
    width,
    height,
    filter: resample,
    box: part,
    verticalFirst: pillow === 13 ? isTall(pixels, width, height) : isThin(pixels, height),
  };
  return loadKernel()?.resize(pixels, plan) ?? resizeScalar(pixels, plan);
}

function isTall(pixels: Pixels, width: number, height: number): boolean {
  return pixels.height - height > 2 * Math.max(0, pixels.width - width);
}

/** Older ones resized pictures over 100 times taller than wide in two steps, the height first. */
function isThin(pixels: Pixels, height: number): boolean {
  return pixels.height > pixels.width * 100 && height < pixels.height;
}

function resizeNearest(pixels: Pixels, width: number, height: number, [left, top, right, bottom]: PixelBox): Pixels {
  const columns = nearestSamples(pixels.width, width, left, right);
  const rows = nearestSamples(pixels.height, height, top, bottom);
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
function nearestSamples(size: number, target: number, from: number, to: number): Int32Array {
  const samples = new Int32Array(target);
  const step = Math.fround(to - from) / target;
  for (let i = 0, at = from + step * 0.5; i < target; i++, at += step) samples[i] = Math.min(Math.trunc(at), size - 1);
  return samples;
}
