import type { Raster } from "../backend/raster.ts";

/** A part of `raster` on a canvas of another size: its left upper corner lies at (left, top), which may be outside. */
export function placeRaster(
  raster: Raster,
  width: number,
  height: number,
  left: number,
  top: number,
  value: readonly number[],
): Raster {
  const { channels } = raster;
  const Samples = raster.data.constructor as new (length: number) => Raster["data"];
  const data = new Samples(width * height * channels);
  if (value.some((sample) => sample !== 0)) {
    for (let i = 0; i < data.length; i++) data[i] = (value[i % channels] ?? value[0]) as number;
  }
  const firstColumn = Math.max(0, -left);
  const columns = Math.min(raster.width, width - left) - firstColumn;
  for (let y = Math.max(0, -top); y < Math.min(raster.height, height - top) && columns > 0; y++) {
    const from = (y * raster.width + firstColumn) * channels;
    const to = ((y + top) * width + left + firstColumn) * channels;
    data.set(raster.data.subarray(from, from + columns * channels), to);
  }
  return { width, height, channels, data };
}
