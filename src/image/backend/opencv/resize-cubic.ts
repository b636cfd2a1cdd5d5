import { roundHalfToEven } from "../../round-half-to-even.ts";
import type { Raster } from "../raster.ts";

const { floor, max, min } = Math;

/** Four source samples of each target sample along one axis and their weights. */
interface FourTaps {
  readonly samples: Int32Array;
  readonly weights: Float64Array;
}

/** Smaller pictures go through OpenCV's own cubic. */
export const LEAST_SIDE = 4;

/**
 * Cubic as OpenCV's packages for x86-64 compute it, through Intel's IPP: weights that are not rounded, and one rounding at
 * the end. IPP sums in float32 in an order of its own, so that one value in some 100,000, a tie within 0.00003, is rounded
 * to its other neighbour.
 */
export function resizeCubic(
  { width, height, channels, data }: Raster<Uint8Array>,
  toWidth: number,
  toHeight: number,
): Uint8Array {
  const columns = findTaps(width, toWidth);
  const rows = findTaps(height, toHeight);
  const line = new Float64Array(width * channels);
  const target = new Uint8ClampedArray(toWidth * toHeight * channels);
  let to = 0;
  for (let y = 0; y < toHeight; y++) {
    line.fill(0);
    for (let tap = y * 4; tap < y * 4 + 4; tap++) {
      const weight = rows.weights[tap] as number;
      let from = (rows.samples[tap] as number) * line.length;
      for (let i = 0; i < line.length; i++, from++) line[i] = (line[i] as number) + (data[from] as number) * weight;
    }
    for (let x = 0; x < toWidth; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let tap = x * 4; tap < x * 4 + 4; tap++) {
          const sample = line[(columns.samples[tap] as number) * channels + channel] as number;
          sum += sample * (columns.weights[tap] as number);
        }
        target[to++] = roundHalfToEven(sum);
      }
    }
  }
  return new Uint8Array(target.buffer);
}

/** Keys' cubic with a = -0.75; the border's samples are repeated beyond it. */
function findTaps(size: number, target: number): FourTaps {
  const samples = new Int32Array(target * 4);
  const weights = new Float64Array(target * 4);
  const scale = size / target;
  for (let i = 0; i < target; i++) {
    const at = (i + 0.5) * scale - 0.5;
    const start = floor(at);
    const share = at - start;
    const first = far(1 + share);
    const second = near(share);
    const third = near(1 - share);
    weights.set([first, second, third, 1 - first - second - third], i * 4);
    for (let tap = 0; tap < 4; tap++) samples[i * 4 + tap] = max(0, min(size - 1, start - 1 + tap));
  }
  return { samples, weights };
}

const SHARPNESS = -0.75;

function near(distance: number): number {
  return ((SHARPNESS + 2) * distance - (SHARPNESS + 3)) * distance * distance + 1;
}

function far(distance: number): number {
  return ((SHARPNESS * distance - 5 * SHARPNESS) * distance + 8 * SHARPNESS) * distance - 4 * SHARPNESS;
}
