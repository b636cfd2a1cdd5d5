import type { Raster } from "../backend/raster.ts";
import { roundHalfToEven } from "../round-half-to-even.ts";
import type { ImageGeometry } from "./geometry.ts";
import { placeRaster } from "./place-raster.ts";
import { resizePillow, resizeRaster } from "./resize-raster.ts";
import type { CropStep, LetterboxStep, PadStep, ResampleSpecification, Size, SpatialStep } from "./specification.ts";
import { middlePart, targetSize } from "./target-size.ts";

/** Pixels on their way, and where they came from. */
export interface PlacedRaster {
  readonly raster: Raster;
  readonly geometry: ImageGeometry;
}

export function runSpatialStep(placed: PlacedRaster, step: SpatialStep): PlacedRaster {
  switch (step.step) {
    case "resize": {
      const { width, height } = targetSize(placed.raster, step.to);
      if (step.to.fit === "middle") return resizeMiddle(placed, step.to.size, step.with);
      return resizeTo(placed, width, height, step.with);
    }
    case "crop":
      return crop(placed, step);
    case "pad":
      return pad(placed, step);
    case "letterbox":
      return letterbox(placed, step);
    case "flip_channels":
      return { ...placed, raster: flipChannels(placed.raster) };
  }
}

function resizeTo(
  { raster, geometry }: PlacedRaster,
  width: number,
  height: number,
  by: ResampleSpecification,
): PlacedRaster {
  // The schema lets no resize follow one that makes floats.
  const resized = resizeRaster(raster as Raster<Uint8Array>, width, height, by);
  return { raster: resized, geometry: geometry.scaled(width / raster.width, height / raster.height) };
}

function place(
  { raster, geometry }: PlacedRaster,
  [height, width]: readonly [number, number],
  left: number,
  top: number,
  value: readonly number[],
): PlacedRaster {
  if (left === 0 && top === 0 && width === raster.width && height === raster.height) return { raster, geometry };
  return { raster: placeRaster(raster, width, height, left, top, value), geometry: geometry.moved(left, top) };
}

/** Pillow stretches a part and sees beyond its border; the others are given the part alone. */
function resizeMiddle(placed: PlacedRaster, size: Size, by: ResampleSpecification): PlacedRaster {
  const box = middlePart(placed.raster, size);
  const [left, top, right, bottom] = box;
  const part = place(placed, [bottom - top, right - left], -left, -top, [0]);
  const resized = resizeTo(part, size[1], size[0], by);
  if (by.backend !== "pillow") return resized;
  return { ...resized, raster: resizePillow(placed.raster as Raster<Uint8Array>, size[1], size[0], by, box) };
}

function crop(placed: PlacedRaster, { size, margin, gap, value }: CropStep): PlacedRaster {
  const offset = (from: number, to: number): number => {
    if (from < to) return gap === "floor" ? Math.floor((to - from) / 2) : Math.ceil((to - from) / 2);
    const half = (from - to) / 2;
    return -(margin === "floor" ? Math.floor(half) : roundHalfToEven(half));
  };
  return place(placed, size, offset(placed.raster.width, size[1]), offset(placed.raster.height, size[0]), value);
}

function pad(placed: PlacedRaster, step: PadStep): PlacedRaster {
  const { width, height } = placed.raster;
  const [toHeight, toWidth] = paddedSize(width, height, step.to);
  // Larger pictures stay as they are.
  const size = [Math.max(height, toHeight), Math.max(width, toWidth)] as const;
  const half = (gap: number): number => (step.place === "corner" ? 0 : Math.floor(gap / 2));
  return place(placed, size, half(size[1] - width), half(size[0] - height), step.value);
}

function paddedSize(width: number, height: number, to: PadStep["to"]): readonly [height: number, width: number] {
  if ("size" in to) return to.size;
  if ("square" in to) return [Math.max(width, height), Math.max(width, height)];
  return [Math.ceil(height / to.multiple) * to.multiple, Math.ceil(width / to.multiple) * to.multiple];
}

/** Ultralytics' LetterBox, centred: the sizes are rounded half to even, the gap is halved and shared out by ± 0.1. */
function letterbox(placed: PlacedRaster, { size, fill, stride, enlarge, value }: LetterboxStep): PlacedRaster {
  const { width, height } = placed.raster;
  const exact = Math.min(size[0] / height, size[1] / width);
  const scale = enlarge ? exact : Math.min(exact, 1);
  const newWidth = Math.max(1, roundHalfToEven(width * scale));
  const newHeight = Math.max(1, roundHalfToEven(height * scale));
  const gap = (whole: number, side: number): number => (fill ? whole - side : (whole - side) % stride) / 2;
  const [across, down] = [gap(size[1], newWidth), gap(size[0], newHeight)];
  const [left, right] = [roundHalfToEven(across - 0.1), roundHalfToEven(across + 0.1)];
  const [top, bottom] = [roundHalfToEven(down - 0.1), roundHalfToEven(down + 0.1)];
  const resized = resizeTo(placed, newWidth, newHeight, { backend: "opencv", resample: "linear" });
  return place(resized, [newHeight + top + bottom, newWidth + left + right], left, top, value);
}

function flipChannels(raster: Raster): Raster {
  const { channels } = raster;
  const data = raster.data.slice();
  for (let i = 0; i < data.length; i += channels) {
    for (let channel = 0; channel < channels; channel++) {
      data[i + channel] = raster.data[i + channels - 1 - channel] as number;
    }
  }
  return { ...raster, data };
}
