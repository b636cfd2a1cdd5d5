import type { Raster } from "../raster.ts";

const { floor, fround, min } = Math;

/** TensorFlow's ResizeNearestNeighbor with half-pixel centres; samples are copied as they are. */
export function resizeNearest<Data extends Uint8Array | Float32Array>(
  { width, height, channels, data }: Raster<Data>,
  toWidth: number,
  toHeight: number,
): Data {
  const columns = nearestSamples(width, toWidth);
  const rows = nearestSamples(height, toHeight);
  const target = new (data.constructor as new (length: number) => Data)(toWidth * toHeight * channels);
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

function nearestSamples(size: number, target: number): Int32Array {
  const scale = fround(size / target);
  return Int32Array.from({ length: target }, (_, i) => min(size - 1, floor(fround(fround(i + 0.5) * scale))));
}
