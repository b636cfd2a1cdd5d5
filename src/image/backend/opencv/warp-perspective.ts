import { invalidArgument } from "../../../errors.ts";
import { roundHalfToEven } from "../../round-half-to-even.ts";
import type { Raster } from "../raster.ts";
import { invertPerspective, type Nine, type PerspectiveMatrix } from "./perspective.ts";

const { floor, fround, max, min } = Math;

/**
 * `cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)` of 8-bit
 * samples: what lies below the matrix in the picture, laid flat. The bytes are OpenCV 5's on processors with fused
 * multiply-add (every x86-64 with AVX2); OpenCV 4 rounds places to 1 / 32 of a pixel, and its bytes are others.
 * @throws InferenceError invalid_argument when the matrix has no inverse, or a side is no positive whole number.
 */
export function warpPerspectiveOpencv(
  raster: Raster<Uint8Array>,
  matrix: PerspectiveMatrix,
  width: number,
  height: number,
): Raster<Uint8Array> {
  for (const [side, pixels] of Object.entries({ width, height })) {
    if (!Number.isSafeInteger(pixels) || pixels < 1) {
      throw invalidArgument(`${side}: expected a positive whole number of pixels, got ${pixels}`);
    }
  }
  const { channels } = raster;
  const data = new Uint8ClampedArray(width * height * channels);
  const sums = new Float32Array(channels);
  const across = new Taps(raster.width);
  const down = new Taps(raster.height);
  const [xx, xy, x0, yx, yy, y0, wx, wy, w0] = invertPerspective(matrix).map(fround) as Nine;
  let to = 0;
  for (let y = 0; y < height; y++) {
    const startX = fround(fround(y * xy) + x0);
    const startY = fround(fround(y * yy) + y0);
    const startW = fround(fround(y * wy) + w0);
    for (let x = 0; x < width; x++) {
      const inverse = 1 / (startW + wx * x);
      across.place(fround((startX + xx * x) * inverse));
      down.place(fround((startY + yx * x) * inverse));
      sumTaps(raster, across, down, sums);
      for (let channel = 0; channel < channels; channel++) data[to++] = roundHalfToEven(sums[channel] as number);
    }
  }
  return { width, height, channels, data: new Uint8Array(data.buffer) };
}

/** The four samples around a place on one axis and their weights: Keys' cubic with a = -0.75, in float32. */
class Taps {
  readonly samples = new Int32Array(4);
  readonly weights = new Float32Array(4);
  readonly #size: number;
  readonly #reach: number;

  constructor(size: number) {
    this.#size = size;
    this.#reach = max(size, 16);
  }

  /** Places beyond the picture have the samples of its border. */
  place(at: number): void {
    const { samples, weights } = this;
    const near = max(-this.#reach, min(2 * this.#reach, at));
    const first = floor(near);
    for (let tap = 0; tap < 4; tap++) samples[tap] = max(0, min(this.#size - 1, first - 1 + tap));
    const share = fround(near - first);
    const square = fround(share * share);
    const rest = fround(1 - share);
    const left = fround(-0.75 * fround(share * fround(rest * rest)));
    const right = fround(-0.75 * fround(square * rest));
    const middle = multiplyAdd(square, multiplyAdd(1.25, share, -2.25), 1);
    weights[0] = left;
    weights[1] = middle;
    weights[2] = fround(fround(fround(1 - left) - middle) - right);
    weights[3] = right;
  }
}

/** Each row of four first, then the four sums. */
function sumTaps({ width, channels, data }: Raster<Uint8Array>, across: Taps, down: Taps, sums: Float32Array): void {
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let tap = 0; tap < 4; tap++) {
      const row = (down.samples[tap] as number) * width;
      let line = 0;
      for (let place = 0; place < 4; place++) {
        const sample = data[(row + (across.samples[place] as number)) * channels + channel] as number;
        line = multiplyAdd(sample, across.weights[place] as number, line);
      }
      sum = multiplyAdd(line, down.weights[tap] as number, sum);
    }
    sums[channel] = sum;
  }
}

/** Fused in float32: the product of two float32 is exact in float64. */
function multiplyAdd(one: number, other: number, sum: number): number {
  return fround(one * other + sum);
}
