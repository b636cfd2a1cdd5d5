import { roundHalfToEven } from "../../round-half-to-even.ts";
import type { Raster } from "../raster.ts";
import { COEFFICIENT_BITS, computeTaps, type Taps, type WeightedKernel } from "./taps.ts";

const { fround, imul } = Math;

/** Sums of one target row from its source rows, which are already resized horizontally. */
type VerticalPass = (lines: readonly Int32Array[], weights: Int32Array, target: Uint8ClampedArray) => void;

const VERTICAL: Readonly<Record<WeightedKernel, VerticalPass>> = {
  linear: sumLinear,
  cubic: sumCubic,
  lanczos4: sumExact,
};

/** The horizontal pass first; its sums keep 11 bits of fraction, and the vertical pass rounds to bytes. */
export function resizeWeighted(
  { width, height, channels, data }: Raster<Uint8Array>,
  toWidth: number,
  toHeight: number,
  kernel: WeightedKernel,
  area: boolean,
): Uint8Array {
  const columns = computeTaps(width, toWidth, kernel, area, "row");
  const rows = computeTaps(height, toHeight, kernel, area, "column");
  const resized = new Map<number, Int32Array>();
  const lineOf = (row: number): Int32Array => {
    const line = resized.get(row) ?? resizeLine(data.subarray(row * width * channels), channels, columns);
    resized.set(row, line);
    return line;
  };
  const target = new Uint8ClampedArray(toWidth * toHeight * channels);
  const lineLength = toWidth * channels;
  for (let y = 0; y < toHeight; y++) {
    const wanted = rows.samples.subarray(y * rows.taps, (y + 1) * rows.taps);
    for (const row of resized.keys()) if (row < (wanted[0] as number)) resized.delete(row);
    const lines = Array.from(wanted, lineOf);
    const weights = rows.weights.subarray(y * rows.taps, (y + 1) * rows.taps);
    VERTICAL[kernel](lines, weights, target.subarray(y * lineLength, (y + 1) * lineLength));
  }
  return new Uint8Array(target.buffer);
}

function resizeLine(source: Uint8Array, channels: number, { taps, samples, weights }: Taps): Int32Array {
  const line = new Int32Array((samples.length / taps) * channels);
  let to = 0;
  for (let first = 0; first < samples.length; first += taps) {
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let tap = first; tap < first + taps; tap++) {
        sum += imul(source[(samples[tap] as number) * channels + channel] as number, weights[tap] as number);
      }
      line[to++] = sum;
    }
  }
  return line;
}

/** OpenCV drops four bits of the sums, and sixteen of each product, so that they fit 16-bit lanes. */
function sumLinear(lines: readonly Int32Array[], weights: Int32Array, target: Uint8ClampedArray): void {
  const [upper, lower] = lines as [Int32Array, Int32Array];
  const [above, below] = weights as unknown as [number, number];
  for (let i = 0; i < target.length; i++) {
    const sum = ((above * ((upper[i] as number) >> 4)) >> 16) + ((below * ((lower[i] as number) >> 4)) >> 16);
    target[i] = (sum + 2) >> 2;
  }
}

const FRACTION_BITS = COEFFICIENT_BITS * 2;
/** Samples that OpenCV's cubic works on at a time, in float32; what is left at the end of a row is summed in integers. */
const LANES = 8;

function sumCubic(lines: readonly Int32Array[], weights: Int32Array, target: Uint8ClampedArray): void {
  const lanes = target.length - (target.length % LANES);
  const scaled = Array.from(weights, (weight) => weight / (1 << FRACTION_BITS));
  for (let i = 0; i < lanes; i++) {
    let sum = 0;
    for (let tap = 3; tap >= 0; tap--) {
      sum = fround(fround(fround((lines[tap] as Int32Array)[i] as number) * (scaled[tap] as number)) + sum);
    }
    target[i] = roundHalfToEven(sum);
  }
  sumExact(lines, weights, target, lanes);
}

function sumExact(lines: readonly Int32Array[], weights: Int32Array, target: Uint8ClampedArray, from = 0): void {
  for (let i = from; i < target.length; i++) {
    let sum = 1 << (FRACTION_BITS - 1);
    for (let tap = 0; tap < lines.length; tap++) {
      sum += imul((lines[tap] as Int32Array)[i] as number, weights[tap] as number);
    }
    target[i] = sum >> FRACTION_BITS;
  }
}
