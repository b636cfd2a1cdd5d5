import { roundHalfToEven } from "../../round-half-to-even.ts";

/** Kernels of `cv2.resize` that weigh whole numbers, and how many samples each takes. */
export type WeightedKernel = "linear" | "cubic" | "lanczos4";

const TAPS: Readonly<Record<WeightedKernel, number>> = { linear: 2, cubic: 4, lanczos4: 8 };

/** Weights are whole numbers of 1 / 2048. */
export const COEFFICIENT_BITS = 11;
const ONE = 1 << COEFFICIENT_BITS;

/** Source samples of each target sample along one axis, cut off at the border, and their weights. */
export interface Taps {
  readonly taps: number;
  readonly samples: Int32Array;
  readonly weights: Int32Array;
}

const { abs, cos, floor, fround, max, min, PI, sin, SQRT1_2 } = Math;

/** OpenCV weighs two equal samples beyond the border of a column, and one in a row; the rounding shows which. */
export function computeTaps(
  size: number,
  target: number,
  kernel: WeightedKernel,
  area: boolean,
  axis: "row" | "column",
): Taps {
  const taps = TAPS[kernel];
  const samples = new Int32Array(target * taps);
  const weights = new Int32Array(target * taps);
  const inverse = target / size;
  const scale = 1 / inverse;
  for (let i = 0; i < target; i++) {
    let [start, share] = area ? areaPlace(i, scale, inverse) : centrePlace(i, scale);
    if (kernel === "linear" && axis === "row" && (start < 0 || start >= size - 1)) {
      share = 0;
      start = max(0, min(size - 1, start));
    }
    const shares = sharesOf(kernel, share);
    for (let tap = 0; tap < taps; tap++) {
      samples[i * taps + tap] = max(0, min(size - 1, start - taps / 2 + 1 + tap));
      weights[i * taps + tap] = roundHalfToEven(fround((shares[tap] as number) * ONE));
    }
  }
  return { taps, samples, weights };
}

/** The sample before the centre of target sample i, and how far the centre is from it. */
function centrePlace(i: number, scale: number): [start: number, share: number] {
  const at = fround((i + 0.5) * scale - 0.5);
  const start = floor(at);
  return [start, fround(at - start)];
}

/** INTER_AREA where it enlarges: samples are repeated, and blended only where a target sample spans two. */
function areaPlace(i: number, scale: number, inverse: number): [start: number, share: number] {
  const start = floor(i * scale);
  const share = fround(i + 1 - (start + 1) * inverse);
  return [start, share <= 0 ? 0 : fround(share - floor(share))];
}

function sharesOf(kernel: WeightedKernel, share: number): readonly number[] {
  if (kernel === "linear") return [fround(1 - share), share];
  return kernel === "cubic" ? cubicShares(share) : lanczosShares(share);
}

/** Keys' cubic with a = -0.75, in float32. */
function cubicShares(x: number): readonly number[] {
  const a = -0.75;
  const far = fround(x + 1);
  const rest = fround(1 - x);
  const near = (distance: number): number =>
    fround(fround(fround(fround(fround((a + 2) * distance) - (a + 3)) * distance) * distance) + 1);
  const first = fround(fround(fround(fround(fround(fround(fround(a * far) - 5 * a) * far) + 8 * a) * far)) - 4 * a);
  const second = near(x);
  const third = near(rest);
  return [first, second, third, fround(fround(fround(1 - first) - second) - third)];
}

/** sin(y + k · 45°) of the eight samples, from one sine and cosine. */
const TURNS: readonly (readonly [sine: number, cosine: number])[] = [
  [1, 0],
  [-SQRT1_2, -SQRT1_2],
  [0, 1],
  [SQRT1_2, -SQRT1_2],
  [-1, 0],
  [SQRT1_2, SQRT1_2],
  [0, -1],
  [-SQRT1_2, SQRT1_2],
];

function lanczosShares(x: number): readonly number[] {
  const first = -fround(x + 3) * PI * 0.25;
  const sine = sin(first);
  const cosine = cos(first);
  let sum = 0;
  const shares = TURNS.map(([bySine, byCosine], tap) => {
    const distance = fround(fround(x + 3) - tap);
    const angle = -distance * PI * 0.25;
    // The sample itself outweighs all others.
    const share = abs(distance) < fround(1e-6) ? 1e30 : (bySine * sine + byCosine * cosine) / (angle * angle);
    sum = fround(sum + fround(share));
    return fround(share);
  });
  const inverse = fround(1 / sum);
  return shares.map((share) => fround(share * inverse));
}
