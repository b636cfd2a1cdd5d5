import { sinFloat32 } from "./sine.ts";

const { fround, PI } = Math;

/** A filter of TensorFlow's sampling kernels: its weight at a distance of 0 or more, computed in float32. */
export interface TensorflowKernel {
  /** Reach to either side, in source pixels when enlarging. */
  readonly radius: number;
  weight(distance: number): number;
}

export const TRIANGLE: TensorflowKernel = { radius: 1, weight: (x) => (x < 1 ? fround(1 - x) : 0) };

/** Keys' cubic with a = -0.5. */
export const KEYS_CUBIC: TensorflowKernel = {
  radius: 2,
  weight: (x) => {
    if (x >= 2) return 0;
    if (x >= 1) return fround(fround(fround(fround(fround(fround(fround(-0.5 * x) + 2.5) * x)) - 4) * x) + 2);
    return fround(fround(fround(fround(fround(fround(1.5 * x) - 2.5) * x)) * x) + 1);
  },
};

export const LANCZOS3: TensorflowKernel = lanczos(3);
export const LANCZOS5: TensorflowKernel = lanczos(5);

function lanczos(radius: number): TensorflowKernel {
  const pi = fround(PI);
  const square = fround(pi * pi);
  return {
    radius,
    weight: (x) => {
      if (x > radius) return 0;
      if (x <= 1e-3) return 1;
      const product = fround(fround(radius * sinFloat32(fround(pi * x))) * sinFloat32(fround(fround(pi * x) / radius)));
      return fround(product / fround(fround(square * x) * x));
    },
  };
}
