import type { Resample } from "../image.ts";

const { abs, cos, fround, max, min, PI, sin, trunc } = Math;

/** Kernels of two passes. */
export type Filter = Exclude<Resample, "nearest">;

interface FilterFunction {
  /** Reach to either side, in source pixels when enlarging. */
  readonly support: number;
  weight(x: number): number;
}

/** Keys' cubic with a = -0.5, the one that Pillow uses. */
function cubic(x: number): number {
  const a = -0.5;
  const distance = abs(x);
  if (distance < 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * a : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : sin(x * PI) / (x * PI);
}

/** Pillow writes these two as float32. */
const HAMMING_MEAN = fround(0.54);
const HAMMING_WAVE = fround(0.46);

function hamming(x: number): number {
  const distance = abs(x);
  if (distance === 0) return 1;
  const angle = distance * PI;
  return distance < 1 ? (sin(angle) / angle) * (HAMMING_MEAN + HAMMING_WAVE * cos(angle)) : 0;
}

export const FILTERS: Readonly<Record<Filter, FilterFunction>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  hamming: { support: 1, weight: hamming },
  bilinear: { support: 1, weight: (x) => max(0, 1 - abs(x)) },
  bicubic: { support: 2, weight: cubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Coefficients are whole numbers, scaled by 2^22: a sum of 8-bit samples then fits 32 bits. */
export const PRECISION_BITS = 22;

/** Which source samples make each target sample along one axis, and with which weights. */
export interface Taps {
  /** First source sample of each target sample. */
  readonly start: Int32Array;
  /** Source samples of each target sample. */
  readonly count: Int32Array;
  /** Weights of target sample i, from index i × stride. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/**
 * The weights that Pillow's 8-bit resampling uses from `size` to `target` samples, rounded half away from zero as there. The
 * samples between `from` and `to` are stretched; the filter also sees those beside them.
 */
export function computeTaps(size: number, target: number, filter: Filter, from: number = 0, to: number = size): Taps {
  const { support, weight } = FILTERS[filter];
  // Pillow keeps the part in float32, and subtracts so.
  const scale = Math.fround(to - from) / target;
  // Reducing widens the filter, so that every source pixel counts (antialiasing).
  const widening = max(scale, 1);
  const reach = support * widening;
  const inverse = 1 / widening;
  const stride = Math.ceil(reach) * 2 + 1;
  const taps = {
    start: new Int32Array(target),
    count: new Int32Array(target),
    weights: new Int32Array(target * stride),
    stride,
  };
  const exact = new Float64Array(stride);
  for (let i = 0; i < target; i++) {
    const center = from + (i + 0.5) * scale;
    const start = max(0, trunc(center - reach + 0.5));
    const count = min(size, trunc(center + reach + 0.5)) - start;
    let sum = 0;
    for (let j = 0; j < count; j++) {
      exact[j] = weight((j + start - center + 0.5) * inverse);
      sum += exact[j] as number;
    }
    for (let j = 0; j < count; j++) {
      const share = sum === 0 ? (exact[j] as number) : (exact[j] as number) / sum;
      const scaled = share * (1 << PRECISION_BITS);
      taps.weights[i * stride + j] = trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
    taps.start[i] = start;
    taps.count[i] = count;
  }
  return taps;
}
