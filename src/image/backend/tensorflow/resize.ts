import type { Raster } from "../raster.ts";
import { KEYS_CUBIC, LANCZOS3, LANCZOS5, TRIANGLE } from "./kernel.ts";
import { resizeArea } from "./resize-area.ts";
import { resizeBicubic } from "./resize-bicubic.ts";
import { resizeBilinear } from "./resize-bilinear.ts";
import { resizeNearest } from "./resize-nearest.ts";
import { scaleAndTranslate } from "./scale-and-translate.ts";

/** Methods of `tf.image.resize`, by their names there. */
export type TensorflowResample = "nearest" | "bilinear" | "bicubic" | "area" | "lanczos3" | "lanczos5";

/**
 * `tf.image.resize(pixels, [height, width], method, antialias=…)`: nearest keeps bytes, every other method gives float32
 * that is neither rounded nor clipped. Without antialiasing, which is TensorFlow's default, reducing skips source pixels.
 */
export function resizeTensorflow(
  raster: Raster,
  width: number,
  height: number,
  method: TensorflowResample,
  antialias = false,
): Raster {
  const { channels } = raster;
  return { width, height, channels, data: resample(raster, width, height, method, antialias) };
}

function resample(
  raster: Raster,
  width: number,
  height: number,
  method: TensorflowResample,
  antialias: boolean,
): Raster["data"] {
  if (method === "nearest") return resizeNearest(raster, width, height);
  switch (method) {
    case "area":
      return resizeArea(raster, width, height);
    case "bilinear":
      return antialias
        ? scaleAndTranslate(raster, width, height, TRIANGLE, true)
        : resizeBilinear(raster, width, height);
    case "bicubic":
      return antialias
        ? scaleAndTranslate(raster, width, height, KEYS_CUBIC, true)
        : resizeBicubic(raster, width, height);
    case "lanczos3":
      return scaleAndTranslate(raster, width, height, LANCZOS3, antialias);
    case "lanczos5":
      return scaleAndTranslate(raster, width, height, LANCZOS5, antialias);
  }
}
