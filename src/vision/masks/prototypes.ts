import type { Tensor } from "../../tensor/tensor.ts";
import { Pace } from "../pace.ts";
import { finiteFloats, unexpectedOutput } from "../tensor-floats.ts";
import { linearTaps } from "./linear-taps.ts";
import { type Rectangle, type Region, sourceOf, stretchRegion } from "./region.ts";

/** The planes of one picture that each mask is mixed of, one after the other, row by row. */
export interface Prototypes {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/**
 * The prototypes of each picture.
 * @param output [pictures, prototypes, height, width]
 * @throws InferenceError bad_gateway when the output has another shape, or numbers that are not finite.
 */
export async function decodePrototypes(
  output: Tensor,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Prototypes[]> {
  const [pictures = 0, count = 0, height = 0, width = 0] = output.shape;
  if (output.shape.length !== 4 || count < 1 || height < 1 || width < 1) {
    throw unexpectedOutput(output, "numbers of shape [pictures, prototypes, height, width]");
  }
  const values = await finiteFloats(output, new Pace(options.signal));
  const size = count * height * width;
  return Array.from({ length: pictures }, (_, picture) => ({
    ...{ count, width, height },
    values: values.subarray(picture * size, (picture + 1) * size),
  }));
}

/** The mixed prototypes within `target`, enlarged. */
export async function enlargePrototypes(
  prototypes: Prototypes,
  coefficients: Float32Array,
  factor: number,
  target: Rectangle,
  pace: Pace,
): Promise<Region> {
  if (factor === 1) return mix(prototypes, coefficients, target, pace);
  const across = linearTaps(prototypes.width, prototypes.width * factor);
  const down = linearTaps(prototypes.height, prototypes.height * factor);
  const mixed = await mix(prototypes, coefficients, sourceOf(target, across, down), pace);
  const width = target.right - target.left;
  const values = new Float32Array(width * (target.bottom - target.top));
  await stretchRegion(mixed, across, down, target, pace, (row, y) => values.set(row, (y - target.top) * width));
  return { ...target, values };
}

/** Sum of coefficient × prototype, one prototype after the other, as a fused multiplication adds them up. */
async function mix(prototypes: Prototypes, coefficients: Float32Array, target: Rectangle, pace: Pace): Promise<Region> {
  const width = target.right - target.left;
  const values = new Float32Array(width * (target.bottom - target.top));
  for (let y = target.top; y < target.bottom; y++) {
    const row = values.subarray((y - target.top) * width, (y - target.top + 1) * width);
    for (let one = 0; one < coefficients.length; one++) {
      const share = coefficients[one] as number;
      const from = (one * prototypes.height + y) * prototypes.width + target.left;
      for (let x = 0; x < width; x++) row[x] = (row[x] as number) + share * (prototypes.values[from + x] as number);
    }
    if (pace.isDue) await pace.rest();
  }
  return { ...target, values };
}
