import type { TorchKernel } from "./kernel.ts";

const { floor, max, min, trunc } = Math;

/** Source samples of each target sample along one axis and their weights, in float64. */
export interface Taps {
  readonly start: Int32Array;
  readonly weights: readonly Float64Array[];
}

/** With antialiasing: the filter is as wide as the step between target samples, and is cut off at the border. */
export function computeWideTaps(size: number, target: number, kernel: TorchKernel): Taps {
  const scale = size / target;
  const widening = max(scale, 1);
  const reach = (kernel.size / 2) * widening;
  const start = new Int32Array(target);
  const weights = Array.from({ length: target }, (_, i) => {
    const centre = scale * (i + 0.5);
    const first = max(0, trunc(centre - reach + 0.5));
    const own = new Float64Array(min(size, trunc(centre + reach + 0.5)) - first);
    let sum = 0;
    for (let tap = 0; tap < own.length; tap++) {
      own[tap] = kernel.weight((tap + first - centre + 0.5) * (1 / widening));
      sum += own[tap] as number;
    }
    start[i] = first;
    return sum === 0 ? own : own.map((weight) => weight / sum);
  });
  return { start, weights };
}

/** Without antialiasing: as many samples as the filter has, those beyond the border counted to the border's. */
export function computeNarrowTaps(size: number, target: number, kernel: TorchKernel): Taps {
  const scale = size / target;
  const half = kernel.size / 2;
  const start = new Int32Array(target);
  const weights = Array.from({ length: target }, (_, i) => {
    const place = scale * (i + 0.5) - 0.5;
    const at = kernel.size > 2 ? place : max(0, place);
    const sample = min(floor(at), size - 1);
    const share = min(1, max(0, at - sample));
    const first = max(0, sample - half + 1);
    const own = new Float64Array(min(size, sample + half + 1) - first);
    for (let tap = 0; tap < kernel.size; tap++) {
      const place = max(0, min(own.length - 1, sample - half + 1 + tap - first));
      own[place] = (own[place] as number) + kernel.weight(tap + 1 - half - share);
    }
    start[i] = first;
    return own;
  });
  return { start, weights };
}
