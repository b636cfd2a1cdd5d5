import type { Raster } from "../raster.ts";

const { ceil, floor, fround, max, min } = Math;

/** The two source samples of each target sample along one axis, and how far it lies between them. */
interface Neighbours {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly share: Float32Array;
}

/** TensorFlow's ResizeBilinear with half-pixel centres: no antialiasing, every step in float32. */
export function resizeBilinear(
  { width, height, channels, data }: Raster,
  toWidth: number,
  toHeight: number,
): Float32Array {
  const columns = findNeighbours(width, toWidth);
  const rows = findNeighbours(height, toHeight);
  const target = new Float32Array(toWidth * toHeight * channels);
  let to = 0;
  for (let y = 0; y < toHeight; y++) {
    const upperRow = (rows.lower[y] as number) * width * channels;
    const lowerRow = (rows.upper[y] as number) * width * channels;
    const down = rows.share[y] as number;
    for (let x = 0; x < toWidth; x++) {
      const left = (columns.lower[x] as number) * channels;
      const right = (columns.upper[x] as number) * channels;
      const along = columns.share[x] as number;
      for (let channel = 0; channel < channels; channel++, to++) {
        const topLeft = data[upperRow + left + channel] as number;
        const bottomLeft = data[lowerRow + left + channel] as number;
        const top = fround(topLeft + fround(fround((data[upperRow + right + channel] as number) - topLeft) * along));
        const bottom = fround(
          bottomLeft + fround(fround((data[lowerRow + right + channel] as number) - bottomLeft) * along),
        );
        target[to] = top + fround(fround(bottom - top) * down);
      }
    }
  }
  return target;
}

function findNeighbours(size: number, target: number): Neighbours {
  const scale = fround(size / target);
  const lower = new Int32Array(target);
  const upper = new Int32Array(target);
  const share = new Float32Array(target);
  for (let i = 0; i < target; i++) {
    const at = fround(fround(fround(i + 0.5) * scale) - 0.5);
    lower[i] = max(0, floor(at));
    upper[i] = min(size - 1, ceil(at));
    share[i] = at - floor(at);
  }
  return { lower, upper, share };
}
