import type { Raster } from "../backend/raster.ts";
import type { Pixels } from "../image.ts";
import { ImageGeometry } from "./geometry.ts";
import { type PlacedRaster, runSpatialStep } from "./spatial-steps.ts";
import type { SpatialStep } from "./specification.ts";

/** What a pipeline does to the pixels of one picture, as plain data: it can go to another thread. */
export interface PlaceSpec {
  readonly mode: "RGB" | "L";
  /** Whose pixels a file gets. */
  readonly decoder: "pillow" | "tensorflow";
  readonly steps: readonly SpatialStep[];
}

export function placePixels(pixels: Pixels, { mode, steps }: Omit<PlaceSpec, "decoder">): PlacedRaster {
  const start = { raster: toMode(pixels, mode), geometry: new ImageGeometry(pixels.width, pixels.height) };
  return steps.reduce<PlacedRaster>(runSpatialStep, start);
}

/** Pillow's convert("L"): ITU-R 601-2 luma in 16 bits of fraction. */
function toMode({ width, height, data }: Pixels, mode: "RGB" | "L"): Raster<Uint8Array> {
  if (mode === "RGB") return { width, height, channels: 3, data };
  const grey = new Uint8Array(width * height);
  for (let i = 0, from = 0; i < grey.length; i++, from += 3) {
    const [red, green, blue] = [data[from] as number, data[from + 1] as number, data[from + 2] as number];
    grey[i] = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
  }
  return { width, height, channels: 1, data: grey };
}
