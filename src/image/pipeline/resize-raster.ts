import { resizeOpencv } from "../backend/opencv/resize.ts";
import type { Raster } from "../backend/raster.ts";
import { resizeTensorflow } from "../backend/tensorflow/resize.ts";
import { resizeTorch } from "../backend/torch/resize.ts";
import type { PixelBox, Pixels } from "../image.ts";
import { resizeReduced } from "../resample/reduce-pixels.ts";
import { resizePixels } from "../resample/resize-pixels.ts";
import type { ResampleSpecification } from "./specification.ts";

/** Bytes, or TensorFlow's floats, at another size as `by.backend` makes them. */
export function resizeRaster(
  raster: Raster<Uint8Array>,
  width: number,
  height: number,
  by: ResampleSpecification,
): Raster {
  switch (by.backend) {
    case "pillow":
      return resizePillow(raster, width, height, by);
    case "tensorflow":
      return resizeTensorflow(raster, width, height, by.resample, by.antialias);
    case "opencv":
      return resizeOpencv(raster, width, height, by.resample);
    case "torch":
      return resizeTorch(raster, width, height, by.resample, by.antialias);
  }
}

type PillowResample = Extract<ResampleSpecification, { readonly backend: "pillow" }>;

/** @param box The part that is stretched; the whole picture by default. */
export function resizePillow(
  raster: Raster<Uint8Array>,
  width: number,
  height: number,
  { resample, pillow, reducing_gap: gap }: PillowResample,
  box?: PixelBox,
): Raster<Uint8Array> {
  const resize = (pixels: Pixels): Uint8Array =>
    (gap === undefined
      ? resizePixels(pixels, width, height, resample, pillow, box)
      : resizeReduced(pixels, width, height, resample, pillow, gap)
    ).data;
  if (raster.channels === 3) return { width, height, channels: 3, data: resize(raster) };
  // Channels do not touch each other: grey is resized as a picture of three equal ones.
  const tripled = new Uint8Array(raster.data.length * 3);
  for (let i = 0; i < tripled.length; i++) tripled[i] = raster.data[Math.floor(i / 3)] as number;
  const resized = resize({ ...raster, data: tripled });
  return {
    width,
    height,
    channels: 1,
    data: Uint8Array.from({ length: width * height }, (_, i) => resized[i * 3] as number),
  };
}
