const { abs, PI, sin } = Math;

/** A filter of PyTorch's interpolation. */
export interface TorchKernel {
  /** Source samples that it takes where it does not reduce. */
  readonly size: number;
  weight(distance: number): number;
}

export const LINEAR: TorchKernel = { size: 2, weight: (x) => (abs(x) < 1 ? 1 - abs(x) : 0) };
/** As Pillow's, with antialiasing. */
export const CUBIC: TorchKernel = { size: 4, weight: (x) => cubic(abs(x), -0.5) };
/** As OpenCV's, without antialiasing. */
export const SHARP_CUBIC: TorchKernel = { size: 4, weight: (x) => cubic(abs(x), -0.75) };
export const LANCZOS: TorchKernel = { size: 6, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) };

function cubic(x: number, a: number): number {
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : sin(x * PI) / (x * PI);
}
