import type { Raster } from "../raster.ts";
import type { Taps } from "./taps.ts";

const { imul, trunc } = Math;

/** Weights as whole numbers of 16 bits, with as many of them for the fraction as the largest weight leaves. */
interface WholeTaps {
  readonly start: Int32Array;
  readonly weights: readonly Int32Array[];
  readonly bits: number;
}

/** PyTorch's interpolation of bytes: the horizontal pass first, each rounded to bytes; a pass that changes nothing is left out. */
export function resizeBytes(
  raster: Raster<Uint8Array>,
  columns: Taps | undefined,
  rows: Taps | undefined,
): Raster<Uint8Array> {
  const across = columns === undefined ? raster : resizeColumns(raster, toWhole(columns));
  return rows === undefined ? across : resizeRows(across, toWhole(rows));
}

function toWhole({ start, weights }: Taps): WholeTaps {
  let largest = 0;
  for (const own of weights) for (const weight of own) largest = Math.max(largest, weight);
  let bits = 0;
  while (bits < 22 && trunc(0.5 + largest * 2 ** (bits + 1)) < 1 << 15) bits += 1;
  const whole = (weight: number): number => trunc(weight * 2 ** bits + (weight < 0 ? -0.5 : 0.5));
  return { start, bits, weights: weights.map((own) => Int32Array.from(own, whole)) };
}

function resizeColumns(
  { width, height, channels, data }: Raster<Uint8Array>,
  { start, weights, bits }: WholeTaps,
): Raster<Uint8Array> {
  const target = new Uint8ClampedArray(start.length * height * channels);
  const half = 1 << (bits - 1);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < start.length; x++) {
      const first = (y * width + (start[x] as number)) * channels;
      const own = weights[x] as Int32Array;
      for (let channel = 0; channel < channels; channel++) {
        let sum = half;
        for (let tap = 0, from = first + channel; tap < own.length; tap++, from += channels) {
          sum += imul(data[from] as number, own[tap] as number);
        }
        target[to++] = sum >> bits;
      }
    }
  }
  return { width: start.length, height, channels, data: new Uint8Array(target.buffer) };
}

function resizeRows(
  { width, channels, data }: Raster<Uint8Array>,
  { start, weights, bits }: WholeTaps,
): Raster<Uint8Array> {
  const rowLength = width * channels;
  const target = new Uint8ClampedArray(start.length * rowLength);
  const sums = new Int32Array(rowLength);
  for (let y = 0; y < start.length; y++) {
    sums.fill(1 << (bits - 1));
    let from = (start[y] as number) * rowLength;
    for (const weight of weights[y] as Int32Array) {
      for (let i = 0; i < rowLength; i++, from++) sums[i] = (sums[i] as number) + imul(data[from] as number, weight);
    }
    for (let i = 0; i < rowLength; i++) target[y * rowLength + i] = (sums[i] as number) >> bits;
  }
  return { width, height: start.length, channels, data: new Uint8Array(target.buffer) };
}
