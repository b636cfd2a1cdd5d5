import { roundHalfToEven } from "../../round-half-to-even.ts";
import type { Raster } from "../raster.ts";

const { floor, fround, max, min } = Math;

/** TensorFlow reads the cubic's weights from a table of so many steps a pixel. */
const STEPS = 1024;

/** Keys' cubic with a = -0.5: weights at a distance of i / 1024 (even places) and 1 + i / 1024 (odd places). */
const WEIGHTS = cubicTable(-0.5);

function cubicTable(a: number): Float32Array {
  const table = new Float32Array((STEPS + 1) * 2);
  for (let i = 0; i <= STEPS; i++) {
    const near = i / STEPS;
    const far = near + 1;
    table[i * 2] = ((a + 2) * near - (a + 3)) * near * near + 1;
    table[i * 2 + 1] = ((a * far - 5 * a) * far + 8 * a) * far - 4 * a;
  }
  return table;
}

/** Four source samples of each target sample along one axis and their weights. */
interface FourTaps {
  readonly samples: Int32Array;
  readonly weights: Float32Array;
}

/** TensorFlow's ResizeBicubic with half-pixel centres: no antialiasing, the vertical pass first, every step in float32. */
export function resizeBicubic(
  { width, height, channels, data }: Raster,
  toWidth: number,
  toHeight: number,
): Float32Array {
  const columns = findTaps(width, toWidth);
  const rows = findTaps(height, toHeight);
  const line = new Float32Array(width * channels);
  const target = new Float32Array(toWidth * toHeight * channels);
  let to = 0;
  for (let y = 0; y < toHeight; y++) {
    for (let i = 0; i < line.length; i++) line[i] = sumOfFour(data, rows, y, line.length, i);
    for (let x = 0; x < toWidth; x++) {
      for (let channel = 0; channel < channels; channel++)
        target[to++] = sumOfFour(line, columns, x, channels, channel);
    }
  }
  return target;
}

function sumOfFour(
  data: Uint8Array | Float32Array,
  { samples, weights }: FourTaps,
  at: number,
  stride: number,
  offset: number,
): number {
  let sum = 0;
  for (let tap = at * 4; tap < at * 4 + 4; tap++) {
    const sample = data[(samples[tap] as number) * stride + offset] as number;
    sum = fround(sum + fround(sample * (weights[tap] as number)));
  }
  return sum;
}

function findTaps(size: number, target: number): FourTaps {
  const scale = fround(size / target);
  const samples = new Int32Array(target * 4);
  const weights = new Float32Array(target * 4);
  for (let i = 0; i < target; i++) {
    const at = fround(fround(fround(i + 0.5) * scale) - 0.5);
    const start = floor(at);
    const step = roundHalfToEven(fround(fround(at - start) * STEPS));
    const places = [step * 2 + 1, step * 2, (STEPS - step) * 2, (STEPS - step) * 2 + 1];
    let sum = 0;
    for (const [tap, place] of places.entries()) {
      const sample = start - 1 + tap;
      samples[i * 4 + tap] = max(0, min(size - 1, sample));
      // Samples beyond the border do not count.
      const weight = sample >= 0 && sample < size ? (WEIGHTS[place] as number) : 0;
      weights[i * 4 + tap] = weight;
      sum = fround(sum + weight);
    }
    const inverse = fround(1 / sum);
    for (let tap = i * 4; tap < i * 4 + 4; tap++) weights[tap] = (weights[tap] as number) * inverse;
  }
  return { samples, weights };
}
