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
  work[column] = c0;
  work[column + 8] = c1 * (steps[column + 8] as number);
  work[column + 16] = c2 * (steps[column + 16] as number);
  work[column + 24] = c3 * (steps[column + 24] as number);
  work[column + 32] = c4 * (steps[column + 32] as number);
  work[column + 40] = c5 * (steps[column + 40] as number);
  work[column + 48] = c6 * (steps[column + 48] as number);
  work[column + 56] = c7 * (steps[column + 56] as number);
  transformEight(column, 8);
}

function transformRow(from: number, plane: Uint8Array, to: number): void {
  transformEight(from, 1);
  for (let i = 0; i < 8; i++) plane[to + i] = limit(work[from + i] as number);
}

/** Eight of `work`, a column or a row, in place. */
function transformEight(from: number, step: number): void {
  const at1 = from + 1 * step;
  const at2 = from + 2 * step;
  const at3 = from + 3 * step;
  const at4 = from + 4 * step;
  const at5 = from + 5 * step;
  const at6 = from + 6 * step;
  const at7 = from + 7 * step;
  const d0 = work[from] as number;
  const d1 = work[at1] as number;
  const d2 = work[at2] as number;
  const d3 = work[at3] as number;
  const d4 = work[at4] as number;
  const d5 = work[at5] as number;
  const d6 = work[at6] as number;
  const d7 = work[at7] as number;

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

  work[from] = e0 + o7;
  work[at7] = e0 - o7;
  work[at1] = e1 + o6;
  work[at6] = e1 - o6;
  work[at2] = e2 + o5;
  work[at5] = e2 - o5;
  work[at4] = e3 + o4;
  work[at3] = e3 - o4;
}

/** value × 4, cut to 16 bits, times a constant, without the lower 16 bits. */
function times(value: number, constant: number): number {
  return (((value << 18) >> 16) * constant) >> 16;
}

/** A sample: 5 bits of fraction are dropped. */
function limit(value: number): number {
  return LIMITED[((value << 16) >> 21) + 1024] as number;
}
