import type { Raster } from "../raster.ts";
import { resizeBlocks, resizeCovered } from "./resize-area.ts";
import { LEAST_SIDE, resizeCubic } from "./resize-cubic.ts";
import { resizeWeighted } from "./resize-weighted.ts";

/** Interpolations of `cv2.resize`, by their names there without INTER_. */
export type OpencvResample = "nearest" | "linear" | "cubic" | "area" | "lanczos4";

/**
 * `cv2.resize(pixels, (width, height), interpolation=…)` of 8-bit samples: no kernel but area counts every source pixel when it
 * reduces, and weights are whole numbers of 1 / 2048.
 */
export function resizeOpencv(
  raster: Raster<Uint8Array>,
  width: number,
  height: number,
  method: OpencvResample,
): Raster<Uint8Array> {
  const { channels } = raster;
  if (width === raster.width && height === raster.height) return raster;
  return { width, height, channels, data: resample(raster, width, height, method) };
}

function resample(raster: Raster<Uint8Array>, width: number, height: number, method: OpencvResample): Uint8Array {
  if (method === "nearest") return resizeNearest(raster, width, height);
  const across = 1 / (width / raster.width);
  const down = 1 / (height / raster.height);
  const whole = isWhole(across) && isWhole(down);
  if (method === "linear" && whole && Math.round(across) === 2 && Math.round(down) === 2) {
    return resizeBlocks(raster, width, height, 2, 2);
  }
  if (method === "cubic" && Math.min(raster.width, raster.height) >= LEAST_SIDE)
    return resizeCubic(raster, width, height);
  if (method !== "area") return resizeWeighted(raster, width, height, method, false);
  if (across < 1 || down < 1) return resizeWeighted(raster, width, height, "linear", true);
  return whole
    ? resizeBlocks(raster, width, height, Math.round(across), Math.round(down))
    : resizeCovered(raster, width, height);
}

function isWhole(scale: number): boolean {
  return Math.abs(scale - Math.round(scale)) < Number.EPSILON;
}

function resizeNearest(
  { width, height, channels, data }: Raster<Uint8Array>,
  toWidth: number,
  toHeight: number,
): Uint8Array {
  const columns = nearestSamples(width, toWidth);
  const rows = nearestSamples(height, toHeight);
  const target = new Uint8Array(toWidth * toHeight * channels);
  let to = 0;
  for (let y = 0; y < toHeight; y++) {
    const row = (rows[y] as number) * width;
    for (let x = 0; x < toWidth; x++) {
      const from = (row + (columns[x] as number)) * channels;
      for (let channel = 0; channel < channels; channel++) target[to++] = data[from + channel] as number;
    }
  }
  return target;
}

/** The sample at the left edge of each target sample, not at its centre. */
function nearestSamples(size: number, target: number): Int32Array {
  const scale = 1 / (target / size);
  return Int32Array.from({ length: target }, (_, i) => Math.min(size - 1, Math.floor(i * scale)));
}
