import type { Raster } from "kserve-transformer/image";

/** RGB samples as planes of blue, green and red values, their rows filled up with zeros to `rowLength`. */
export function toPlanes(
  { width, height, data }: Raster<Uint8Array>,
  rowLength: number,
  values: Float32Array,
): Float32Array {
  const planes = new Float32Array(3 * height * rowLength);
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0; y < height; y++) {
      const to = (channel * height + y) * rowLength;
      for (let x = 0; x < width; x++) {
        planes[to + x] = values[data[(y * width + x) * 3 + 2 - channel] as number] as number;
      }
    }
  }
  return planes;
}
