import type { Raster } from "../raster.ts";
import { type CubicTaps, findCubicTaps } from "./cubic-taps.ts";

const { fround } = Math;

/** Smaller pictures go through OpenCV's own cubic. */
export const LEAST_SIDE = 4;

/**
 * Cubic as OpenCV's packages for x86-64 compute it, through Intel's IPP, on a processor with AVX-512: float32, rows first,
 * one rounding to bytes at the end. The order of the sums was found by comparing: it depends on the channels, and on whether
 * a column is at the border or among the last that fill no vector. On older processors IPP sums in other orders, so that
 * OpenCV's own bytes differ between machines, by one in some 300,000.
 */
export function resizeCubic(raster: Raster<Uint8Array>, toWidth: number, toHeight: number): Uint8Array {
  const columns = findCubicTaps(raster.width, toWidth);
  const { samples, weights } = findCubicTaps(raster.height, toHeight);
  const length = toWidth * raster.channels;
  const lines = new Float32Array(raster.height * length);
  for (const row of new Set(samples)) {
    resizeRow(raster, row, columns, lines.subarray(row * length, (row + 1) * length));
  }
  // Rounds half to even, as IPP does, and cuts off.
  const target = new Uint8ClampedArray(toHeight * length);
  for (let y = 0, to = 0; y < toHeight; y++) {
    const tap = y * 4;
    const [first, second, third, fourth] = [0, 1, 2, 3].map((k) => weights[tap + k] as number) as FourNumbers;
    const [a, b, c, d] = [0, 1, 2, 3].map((k) => (samples[tap + k] as number) * length) as FourNumbers;
    for (let i = 0; i < length; i++) {
      const upper = fround((lines[a + i] as number) * first + fround((lines[b + i] as number) * second));
      const lower = fround((lines[c + i] as number) * third + fround((lines[d + i] as number) * fourth));
      target[to++] = fround(upper + lower);
    }
  }
  return new Uint8Array(target.buffer);
}

type FourNumbers = [number, number, number, number];

/** Orders in which IPP sums four products, for inner columns by fours and for the rest of less than four. */
const INNER_ORDERS: Readonly<Record<number, readonly [fours: Order, rest: Order]>> = {
  1: ["neighbours", "every second"],
  4: ["every second, fused", "outer and inner, fused"],
};

type Order = "one by one, fused" | "neighbours" | "every second" | "every second, fused" | "outer and inner, fused";

/** One row of the source at the target's width. */
function resizeRow(
  { width, channels, data }: Raster<Uint8Array>,
  row: number,
  { samples, weights, inner }: CubicTaps,
  line: Float32Array,
): void {
  const from = row * width * channels;
  const [fours, rest] = INNER_ORDERS[channels] ?? ["one by one, fused", "one by one, fused"];
  const lastFour = inner.end - ((inner.end - inner.start) % 4);
  const columns = line.length / channels;
  for (let x = 0, to = 0; x < columns; x++) {
    const order = x < inner.start || x >= inner.end ? "one by one, fused" : x < lastFour ? fours : rest;
    const tap = x * 4;
    const first = weights[tap] as number;
    const second = weights[tap + 1] as number;
    const third = weights[tap + 2] as number;
    const fourth = weights[tap + 3] as number;
    const a = from + (samples[tap] as number) * channels;
    const b = from + (samples[tap + 1] as number) * channels;
    const c = from + (samples[tap + 2] as number) * channels;
    const d = from + (samples[tap + 3] as number) * channels;
    for (let channel = 0; channel < channels; channel++) {
      const p = (data[a + channel] as number) * first;
      const q = (data[b + channel] as number) * second;
      const r = (data[c + channel] as number) * third;
      const s = (data[d + channel] as number) * fourth;
      line[to++] =
        order === "one by one, fused"
          ? s + fround(r + fround(q + fround(p)))
          : order === "neighbours"
            ? fround(fround(p) + fround(q)) + fround(fround(r) + fround(s))
            : order === "every second"
              ? fround(fround(p) + fround(r)) + fround(fround(q) + fround(s))
              : order === "every second, fused"
                ? fround(r + fround(p)) + fround(s + fround(q))
                : fround(p + fround(s)) + fround(q + fround(r));
    }
  }
}
