const { floor, fround, max, min } = Math;

/** Four source samples of each target sample along one axis and their float32 weights. */
export interface CubicTaps {
  readonly samples: Int32Array;
  readonly weights: Float32Array;
  /** Target samples whose four source samples all lie within the picture. */
  readonly inner: { readonly start: number; readonly end: number };
}

/**
 * Keys' cubic with a = -0.75, as IPP weighs: the distances are rounded to float32, the cubic is float64, and the weight is
 * rounded to float32. The border's samples are repeated beyond it.
 */
export function findCubicTaps(size: number, target: number): CubicTaps {
  const samples = new Int32Array(target * 4);
  const weights = new Float32Array(target * 4);
  const scale = size / target;
  let start = target;
  let end = 0;
  for (let i = 0; i < target; i++) {
    const at = (i + 0.5) * scale - 0.5;
    const second = floor(at);
    // The share is rounded twice: 1 + share has one bit less for what lies behind the point.
    const first = fround(1 + fround(at - second));
    const share = fround(first - 1);
    weights.set([far(first), near(share), near(1 - share), far(2 - share)], i * 4);
    for (let tap = 0; tap < 4; tap++) samples[i * 4 + tap] = max(0, min(size - 1, second - 1 + tap));
    if (second < 1 || second + 2 >= size) continue;
    start = min(start, i);
    end = i + 1;
  }
  return { samples, weights, inner: { start: min(start, end), end } };
}

const SHARPNESS = -0.75;

function near(distance: number): number {
  return ((SHARPNESS + 2) * distance - (SHARPNESS + 3)) * distance * distance + 1;
}

function far(distance: number): number {
  return ((SHARPNESS * distance - 5 * SHARPNESS) * distance + 8 * SHARPNESS) * distance - 4 * SHARPNESS;
}
