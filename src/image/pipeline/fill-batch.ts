import { createTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Raster } from "../backend/raster.ts";
import { placeRaster } from "./place-raster.ts";
import type { BatchSpecification } from "./specification.ts";

/** Pictures filled up to the largest of them, and where they are: INT64 [N, height, width] of 1 and 0. */
export function fillBatch(
  rasters: readonly Raster[],
  { value, multiple }: BatchSpecification,
): { readonly rasters: readonly Raster[]; readonly mask: Tensor<"INT64"> } {
  const roundUp = (side: number): number => Math.ceil(side / multiple) * multiple;
  const width = roundUp(Math.max(0, ...rasters.map((raster) => raster.width)));
  const height = roundUp(Math.max(0, ...rasters.map((raster) => raster.height)));
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
