/**
 * The inverse transform that libjpeg calls JDCT_IFAST, by which TensorFlow decodes: the one of Arai, Agui and Nakajima with 8 bits of
 * fraction, whose cosines are multiplied into the quantization steps. Products are rounded down and everything has 16 bits, as on a
 * processor with vector instructions; only files that no encoder writes go beyond these.
 */

/** sqrt(2) · cos(k · π / 16), 1 for k = 0: what row or column k of a block is scaled by. */
const SCALES = Array.from({ length: 8 }, (_, k) => (k === 0 ? 1 : Math.SQRT2 * Math.cos((k * Math.PI) / 16)));

/** The steps of a quantization table with the scales multiplied in, 2 bits of fraction; both in natural order. */
export function scaleSteps(steps: Uint16Array): Int16Array {
  return Int16Array.from(steps, (step, i) => {
    const scale = Math.round(16384 * (SCALES[i >> 3] as number) * (SCALES[i & 7] as number));
    return Math.floor((step * scale + 2048) / 4096);
  });
}

/** sqrt(2), 2 · cos(π / 8), 2 · (cos(π / 8) - sin(π / 8)) and, less 1 and negative, 2 · (cos(π / 8) + sin(π / 8)); 8 bits of fraction and 6 of zeros. */
const ROOT = 362 << 6;
const SUM = 473 << 6;
const LESSER = 277 << 6;
const GREATER = -413 << 6;

/** By 1024 + value: 128 + value, from 0 to 255. */
const LIMITED = Uint8ClampedArray.from({ length: 2048 }, (_, i) => i - 1024 + 128);

const work = new Int16Array(64);

/** Writes the 8 × 8 samples of the block at `from` to `plane`; `stride` is its width. */
export function transformBlock(
  coefficients: Int16Array,
  from: number,
  steps: Int16Array,
  plane: Uint8Array,
  to: number,
  stride: number,
): void {
  for (let column = 0; column < 8; column++) transformColumn(coefficients, from + column, steps, column);
  for (let row = 0; row < 8; row++) transformRow(row * 8, plane, to + row * stride);
}

/** The samples of a block whose coefficients are 0 but for the first. */
export function fillBlock(first: number, steps: Int16Array, plane: Uint8Array, to: number, stride: number): void {
  const value = LIMITED[(((first * (steps[0] as number)) << 16) >> 21) + 1024] as number;
  for (let row = 0; row < 8; row++) plane.fill(value, to + row * stride, to + row * stride + 8);
}

function transformColumn(coefficients: Int16Array, from: number, steps: Int16Array, column: number): void {
  const c0 = (coefficients[from] as number) * (steps[column] as number);
  const c1 = coefficients[from + 8] as number;
  const c2 = coefficients[from + 16] as number;
  const c3 = coefficients[from + 24] as number;
  const c4 = coefficients[from + 32] as number;
  const c5 = coefficients[from + 40] as number;
  const c6 = coefficients[from + 48] as number;
  const c7 = coefficients[from + 56] as number;
  if ((c1 | c2 | c3 | c4 | c5 | c6 | c7) === 0) {
    for (let i = column; i < 64; i += 8) work[i] = c0;
    return;
  }
  const d1 = c1 * (steps[column + 8] as number);
  const d2 = c2 * (steps[column + 16] as number);
  const d3 = c3 * (steps[column + 24] as number);
  const d4 = c4 * (steps[column + 32] as number);
  const d5 = c5 * (steps[column + 40] as number);
  const d6 = c6 * (steps[column + 48] as number);
  const d7 = c7 * (steps[column + 56] as number);

  const even = d2 + d6;
  const turned = times(d2 - d6, ROOT) - even;
  const e0 = c0 + d4 + even;
  const e3 = c0 + d4 - even;
  const e1 = c0 - d4 + turned;
  const e2 = c0 - d4 - turned;

  const z13 = d5 + d3;
  const z10 = d5 - d3;
  const z11 = d1 + d7;
  const z12 = d1 - d7;
  const o7 = z11 + z13;
  const both = times(z10 + z12, SUM);
  const o6 = times(z10, GREATER) - z10 + both - o7;
  const o5 = times(z11 - z13, ROOT) - o6;
  const o4 = times(z12, LESSER) - both + o5;

  work[column] = e0 + o7;
  work[column + 56] = e0 - o7;
  work[column + 8] = e1 + o6;
  work[column + 48] = e1 - o6;
  work[column + 16] = e2 + o5;
  work[column + 40] = e2 - o5;
  work[column + 32] = e3 + o4;
  work[column + 24] = e3 - o4;
}

function transformRow(from: number, plane: Uint8Array, to: number): void {
  const d0 = work[from] as number;
  const d1 = work[from + 1] as number;
  const d2 = work[from + 2] as number;
  const d3 = work[from + 3] as number;
  const d4 = work[from + 4] as number;
  const d5 = work[from + 5] as number;
  const d6 = work[from + 6] as number;
  const d7 = work[from + 7] as number;

  const even = d2 + d6;
  const turned = times(d2 - d6, ROOT) - even;
  const e0 = d0 + d4 + even;
  const e3 = d0 + d4 - even;
  const e1 = d0 - d4 + turned;
  const e2 = d0 - d4 - turned;

  const z13 = d5 + d3;
  const z10 = d5 - d3;
  const z11 = d1 + d7;
  const z12 = d1 - d7;
  const o7 = z11 + z13;
  const both = times(z10 + z12, SUM);
  const o6 = times(z10, GREATER) - z10 + both - o7;
  const o5 = times(z11 - z13, ROOT) - o6;
  const o4 = times(z12, LESSER) - both + o5;

  plane[to] = limit(e0 + o7);
  plane[to + 7] = limit(e0 - o7);
  plane[to + 1] = limit(e1 + o6);
  plane[to + 6] = limit(e1 - o6);
  plane[to + 2] = limit(e2 + o5);
  plane[to + 5] = limit(e2 - o5);
  plane[to + 4] = limit(e3 + o4);
  plane[to + 3] = limit(e3 - o4);
}

/** value × 4, cut to 16 bits, times a constant, without the lower 16 bits. */
function times(value: number, constant: number): number {
  return (((value << 18) >> 16) * constant) >> 16;
}

/** A sample: 5 bits of fraction are dropped. */
function limit(value: number): number {
  return LIMITED[((value << 16) >> 21) + 1024] as number;
}
