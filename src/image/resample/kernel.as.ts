/**
 * The two passes of Pillow's 8-bit resampling in WebAssembly SIMD. AssemblyScript: scripts/build-kernels.mjs compiles it to
 * kernel.wasm beside it.
 *
 * A weight of 22 fraction bits does not fit the 16-bit lanes that are multiplied fastest, so it comes in two halves,
 * `high × 2^15 + low`, that are summed apart. Sums wrap at 32 bits, and so does their union: it is exact, because the whole
 * sum fits 32 bits. Two neighbouring samples go through one multiplication.
 *
 * Taps of target sample i, at `taps + i × tapStride`: offset of its first source sample (i32; bytes for columns, rows for
 * rows), pairs of samples (i32), then for each pair low, low, high, high (i16).
 */

/** 2^21: rounds half up before the shift that drops the fraction. */
const HALF: i32 = 1 << 21;
const TAPS_HEAD: usize = 8;
const PAIR: usize = 8;

/** 16-bit pairs of one channel from pixels 0 and 1, and from pixels 2 and 3, of RGB bytes; index 16 is a zero. */
function firstPair(pixels: v128): v128 {
  return i8x16.shuffle(pixels, i64x2.splat(0), 0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16);
}

function secondPair(pixels: v128): v128 {
  return i8x16.shuffle(pixels, i64x2.splat(0), 6, 16, 9, 16, 7, 16, 10, 16, 8, 16, 11, 16, 16, 16, 16, 16);
}

function join(low: v128, high: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.add(low, i32x4.shl(high, 15)), i32x4.splat(HALF)), 22);
}

/** One RGB pixel from its sums; three bytes and no more, for the next row may already stand behind it. */
function storePixel(to: usize, low: v128, high: v128): void {
  const words = i16x8.narrow_i32x4_s(join(low, high), i64x2.splat(0));
  const bytes = i8x16.narrow_i16x8_u(words, words);
  v128.store_lane<u16>(to, bytes, 0);
  v128.store_lane<u8>(to, bytes, 2, 2);
}

/**
 * The horizontal pass over `rows` rows of RGB, four at a time. Reads up to 16 bytes behind the last pixel of a row.
 */
export function columns(
  source: usize,
  sourceStride: usize,
  target: usize,
  targetStride: usize,
  width: i32,
  rows: i32,
  taps: usize,
  tapStride: usize,
): void {
  while (rows >= 4) {
    fourRows(source, sourceStride, target, targetStride, width, taps, tapStride);
    source += sourceStride * 4;
    target += targetStride * 4;
    rows -= 4;
  }
  while (rows > 0) {
    oneRow(source, target, width, taps, tapStride);
    source += sourceStride;
    target += targetStride;
    rows -= 1;
  }
}

function fourRows(
  source: usize,
  sourceStride: usize,
  target: usize,
  targetStride: usize,
  width: i32,
  taps: usize,
  tapStride: usize,
): void {
  for (let x = 0; x < width; x++) {
    let from = source + load<u32>(taps);
    let pairs = load<i32>(taps, 4);
    let weights = taps + TAPS_HEAD;
    let low0 = i64x2.splat(0);
    let low1 = i64x2.splat(0);
    let low2 = i64x2.splat(0);
    let low3 = i64x2.splat(0);
    let high0 = i64x2.splat(0);
    let high1 = i64x2.splat(0);
    let high2 = i64x2.splat(0);
    let high3 = i64x2.splat(0);
    while (pairs >= 2) {
      const lowA = v128.load32_splat(weights);
      const highA = v128.load32_splat(weights, 4);
      const lowB = v128.load32_splat(weights, 8);
      const highB = v128.load32_splat(weights, 12);
      let at = from;
      let pixels = v128.load(at);
      let a = firstPair(pixels);
      let b = secondPair(pixels);
      low0 = i32x4.add(low0, i32x4.add(i32x4.dot_i16x8_s(a, lowA), i32x4.dot_i16x8_s(b, lowB)));
      high0 = i32x4.add(high0, i32x4.add(i32x4.dot_i16x8_s(a, highA), i32x4.dot_i16x8_s(b, highB)));
      at += sourceStride;
      pixels = v128.load(at);
      a = firstPair(pixels);
      b = secondPair(pixels);
      low1 = i32x4.add(low1, i32x4.add(i32x4.dot_i16x8_s(a, lowA), i32x4.dot_i16x8_s(b, lowB)));
      high1 = i32x4.add(high1, i32x4.add(i32x4.dot_i16x8_s(a, highA), i32x4.dot_i16x8_s(b, highB)));
      at += sourceStride;
      pixels = v128.load(at);
      a = firstPair(pixels);
      b = secondPair(pixels);
      low2 = i32x4.add(low2, i32x4.add(i32x4.dot_i16x8_s(a, lowA), i32x4.dot_i16x8_s(b, lowB)));
      high2 = i32x4.add(high2, i32x4.add(i32x4.dot_i16x8_s(a, highA), i32x4.dot_i16x8_s(b, highB)));
      at += sourceStride;
      pixels = v128.load(at);
      a = firstPair(pixels);
      b = secondPair(pixels);
      low3 = i32x4.add(low3, i32x4.add(i32x4.dot_i16x8_s(a, lowA), i32x4.dot_i16x8_s(b, lowB)));
      high3 = i32x4.add(high3, i32x4.add(i32x4.dot_i16x8_s(a, highA), i32x4.dot_i16x8_s(b, highB)));
      from += 12;
      weights += PAIR * 2;
      pairs -= 2;
    }
    if (pairs > 0) {
      const low = v128.load32_splat(weights);
      const high = v128.load32_splat(weights, 4);
      let a = firstPair(v128.load64_zero(from));
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(a, low));
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(a, high));
      a = firstPair(v128.load64_zero(from + sourceStride));
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(a, low));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(a, high));
      a = firstPair(v128.load64_zero(from + sourceStride * 2));
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(a, low));
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(a, high));
      a = firstPair(v128.load64_zero(from + sourceStride * 3));
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(a, low));
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(a, high));
    }
    storePixel(target, low0, high0);
    storePixel(target + targetStride, low1, high1);
    storePixel(target + targetStride * 2, low2, high2);
    storePixel(target + targetStride * 3, low3, high3);
    target += 3;
    taps += tapStride;
  }
}

function oneRow(source: usize, target: usize, width: i32, taps: usize, tapStride: usize): void {
  for (let x = 0; x < width; x++) {
    let from = source + load<u32>(taps);
    let weights = taps + TAPS_HEAD;
    let low = i64x2.splat(0);
    let high = i64x2.splat(0);
    for (let pairs = load<i32>(taps, 4); pairs > 0; pairs--) {
      const a = firstPair(v128.load64_zero(from));
      low = i32x4.add(low, i32x4.dot_i16x8_s(a, v128.load32_splat(weights)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(a, v128.load32_splat(weights, 4)));
      from += 6;
      weights += PAIR;
    }
    storePixel(target, low, high);
    target += 3;
    taps += tapStride;
  }
}

/**
 * The vertical pass for target rows `first` to `end`, of samples of any channels. `source` is the row of index `sourceRow`.
 * Reads up to one row and 16 bytes behind the last row, and writes up to 16 bytes behind its own.
 */
export function rows(
  source: usize,
  sourceRow: i32,
  target: usize,
  rowBytes: usize,
  first: i32,
  end: i32,
  taps: usize,
  tapStride: usize,
): void {
  taps += <usize>first * tapStride;
  for (let y = first; y < end; y++) {
    const from = source + <usize>(load<i32>(taps) - sourceRow) * rowBytes;
    const pairs = load<i32>(taps, 4);
    for (let i: usize = 0; i < rowBytes; i += 16)
      sixteenSamples(from + i, target + i, rowBytes, pairs, taps + TAPS_HEAD);
    target += rowBytes;
    taps += tapStride;
  }
}

function sixteenSamples(from: usize, to: usize, rowBytes: usize, pairs: i32, weights: usize): void {
  let low0 = i64x2.splat(0);
  let low1 = i64x2.splat(0);
  let low2 = i64x2.splat(0);
  let low3 = i64x2.splat(0);
  let high0 = i64x2.splat(0);
  let high1 = i64x2.splat(0);
  let high2 = i64x2.splat(0);
  let high3 = i64x2.splat(0);
  while (pairs > 0) {
    const upper = v128.load(from);
    const lower = v128.load(from + rowBytes);
    const left = i8x16.shuffle(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const right = i8x16.shuffle(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const low = v128.load32_splat(weights);
    const high = v128.load32_splat(weights, 4);
    let samples = i16x8.extend_low_i8x16_u(left);
    low0 = i32x4.add(low0, i32x4.dot_i16x8_s(samples, low));
    high0 = i32x4.add(high0, i32x4.dot_i16x8_s(samples, high));
    samples = i16x8.extend_high_i8x16_u(left);
    low1 = i32x4.add(low1, i32x4.dot_i16x8_s(samples, low));
    high1 = i32x4.add(high1, i32x4.dot_i16x8_s(samples, high));
    samples = i16x8.extend_low_i8x16_u(right);
    low2 = i32x4.add(low2, i32x4.dot_i16x8_s(samples, low));
    high2 = i32x4.add(high2, i32x4.dot_i16x8_s(samples, high));
    samples = i16x8.extend_high_i8x16_u(right);
    low3 = i32x4.add(low3, i32x4.dot_i16x8_s(samples, low));
    high3 = i32x4.add(high3, i32x4.dot_i16x8_s(samples, high));
    from += rowBytes * 2;
    weights += PAIR;
    pairs--;
  }
  v128.store(
    to,
    i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_s(join(low0, high0), join(low1, high1)),
      i16x8.narrow_i32x4_s(join(low2, high2), join(low3, high3)),
    ),
  );
}
