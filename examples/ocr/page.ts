import { type Pixels, type Point, type Quadrilateral, type Raster, resizeOpencv } from "kserve-transformer/image";
import { roundHalfToEven } from "./round.ts";

const { abs, fround, max, min, trunc } = Math;

const LARGEST_SIDE = 2000;
const LEAST_SIDE = 30;
const WIDEST = 8;

/** A picture of a size that the detector reads well, and the way back from it. */
export interface Page {
  readonly raster: Raster<Uint8Array>;
  /** A box on the page where it lies on the picture. */
  toPicture(box: Quadrilateral): Quadrilateral;
}

/** Sides above 2000 pixels are reduced, those below 30 enlarged; low and wide pictures get black above and below. */
export function preparePage(pixels: Pixels): Page {
  const { width, height } = pixels;
  let raster: Raster<Uint8Array> = { ...pixels, channels: 3 };
  if (max(width, height) > LARGEST_SIDE) raster = scale(raster, LARGEST_SIDE / max(width, height));
  if (min(raster.width, raster.height) < LEAST_SIDE)
    raster = scale(raster, LEAST_SIDE / min(raster.width, raster.height));
  const [across, down] = [fround(width / raster.width), fround(height / raster.height)];
  const isLow = raster.height <= LEAST_SIDE || raster.width / raster.height > WIDEST;
  const above = isLow ? marginOf(raster) : 0;
  const toPicture = ([x, y]: Point): Point => [
    max(0, min(width, fround(x * across))),
    max(0, min(height, fround((y - above) * down))),
  ];
  return {
    raster: isLow ? addMargins(raster, above) : raster,
    toPicture: ([a, b, c, d]) => [toPicture(a), toPicture(b), toPicture(c), toPicture(d)],
  };
}

/** Both sides become multiples of 32. */
function scale(raster: Raster<Uint8Array>, ratio: number): Raster<Uint8Array> {
  const [width, height] = [raster.width, raster.height].map(
    (side) => max(1, roundHalfToEven(trunc(side * ratio) / 32)) * 32,
  ) as [number, number];
  return resizeOpencv(raster, width, height, "linear");
}

function marginOf({ width, height }: Raster): number {
  return trunc(abs(max(trunc(width / WIDEST), LEAST_SIDE) * 2 - height) / 2);
}

function addMargins({ width, height, channels, data }: Raster<Uint8Array>, margin: number): Raster<Uint8Array> {
  const filled = new Uint8Array(width * (height + 2 * margin) * channels);
  filled.set(data, margin * width * channels);
  return { width, height: height + 2 * margin, channels, data: filled };
}
