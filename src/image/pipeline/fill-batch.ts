import { invalidArgument } from "../../errors.ts";
import { createTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Raster } from "../backend/raster.ts";
import { placeRaster } from "./place-raster.ts";
import type { BatchSpecification } from "./specification.ts";

/**
 * Pictures filled up to the largest of them or to one size, and where they are: INT64 [N, height, width] of 1 and 0.
 * @throws InferenceError invalid_argument for a picture that is larger than the size.
 */
export function fillBatch(
  rasters: readonly Raster[],
  { value, multiple, size }: BatchSpecification,
): { readonly rasters: readonly Raster[]; readonly mask: Tensor<"INT64"> } {
  const roundUp = (side: number): number => Math.ceil(side / multiple) * multiple;
  const largest = [
    Math.max(0, ...rasters.map((raster) => raster.height)),
    Math.max(0, ...rasters.map((raster) => raster.width)),
  ] as const;
  const [height, width] = (size ?? largest).map(roundUp) as [number, number];
  if (height < largest[0] || width < largest[1]) {
    throw invalidArgument(
      `pictures have become ${largest[1]} × ${largest[0]} pixels, and output.batch fills up to ${width} × ${height}`,
    );
  }
  const mask = new BigInt64Array(rasters.length * width * height);
  for (const [index, raster] of rasters.entries()) {
    for (let y = 0; y < raster.height; y++) {
      const from = (index * height + y) * width;
      mask.fill(1n, from, from + raster.width);
    }
  }
  return {
    rasters: rasters.map((raster) => placeRaster(raster, width, height, 0, 0, [value])),
    mask: createTensor("pixel_mask", "INT64", [rasters.length, height, width], mask),
  };
}
