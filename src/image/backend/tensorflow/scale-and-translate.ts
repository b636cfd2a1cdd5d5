import type { Raster } from "../raster.ts";
import type { TensorflowKernel } from "./kernel.ts";

const { abs, ceil, floor, fround, max, min } = Math;

/** Source samples of each target sample along one axis and their weights. */
interface Spans {
  readonly start: Int32Array;
  readonly weights: readonly Float32Array[];
}

/**
 * TensorFlow's ScaleAndTranslate, which `tf.image.resize` uses for every antialiased kernel and for Lanczos: the vertical
 * pass first, every step in float32.
 */
export function scaleAndTranslate(
  { width, height, channels, data }: Raster,
  toWidth: number,
  toHeight: number,
  kernel: TensorflowKernel,
  antialias: boolean,
): Float32Array {
  const rows = computeSpans(height, toHeight, kernel, antialias);
  const columns = computeSpans(width, toWidth, kernel, antialias);
  const line = new Float32Array(width * channels);
  const target = new Float32Array(toWidth * toHeight * channels);
  let to = 0;
  for (let y = 0; y < toHeight; y++) {
    line.fill(0);
    let from = (rows.start[y] as number) * line.length;
    for (const weight of rows.weights[y] as Float32Array) {
      for (let i = 0; i < line.length; i++, from++)
        line[i] = (line[i] as number) + fround((data[from] as number) * weight);
    }
    for (let x = 0; x < toWidth; x++) {
      const weights = columns.weights[x] as Float32Array;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        let at = (columns.start[x] as number) * channels + channel;
        for (const weight of weights) {
          sum = fround(sum + fround((line[at] as number) * weight));
          at += channels;
        }
        target[to++] = sum;
      }
    }
  }
  return target;
}

function computeSpans(size: number, target: number, { radius, weight }: TensorflowKernel, antialias: boolean): Spans {
  const inverse = fround(1 / fround(target / size));
  const widening = antialias ? max(inverse, 1) : 1;
  const narrowing = fround(1 / widening);
  const reach = fround(radius * widening);
  const start = new Int32Array(target);
  const weights = Array.from({ length: target }, (_, i) => {
    const at = fround(fround(i + 0.5) * inverse);
    const first = clamp(ceil(fround(fround(at - reach) - 0.5)), size);
    const last = clamp(floor(fround(fround(at + reach) - 0.5)), size);
    start[i] = first;
    const own = new Float32Array(last - first + 1);
    let sum = 0;
    for (let tap = 0; tap < own.length; tap++) {
      own[tap] = weight(abs(fround(fround(fround(first + tap + 0.5) - at) * narrowing)));
      sum = fround(sum + (own[tap] as number));
    }
    const share = fround(1 / sum);
    return own.map((value) => value * share);
  });
  return { start, weights };
}

function clamp(sample: number, size: number): number {
  return max(0, min(size - 1, sample));
}
