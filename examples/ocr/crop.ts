import {
  perspectiveTransformOpencv,
  type Quadrilateral,
  type Raster,
  warpPerspectiveOpencv,
} from "kserve-transformer/image";
import { distance } from "./detector.ts";

const { max } = Math;

/** What a box holds, laid flat; text that is higher than wide by half is turned counter-clockwise. */
export function cropText(picture: Raster<Uint8Array>, box: Quadrilateral): Raster<Uint8Array> {
  const [upperLeft, upperRight, lowerRight, lowerLeft] = box;
  const width = max(distance(upperLeft, upperRight), distance(lowerRight, lowerLeft));
  const height = max(distance(upperLeft, lowerLeft), distance(upperRight, lowerRight));
  const flat: Quadrilateral = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ];
  const crop = warpPerspectiveOpencv(picture, perspectiveTransformOpencv(box, flat), width, height);
  return height / width >= 1.5 ? turnLeft(crop) : crop;
}

function turnLeft({ width, height, channels, data }: Raster<Uint8Array>): Raster<Uint8Array> {
  const turned = new Uint8Array(data.length);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < height; x++) {
      const from = (x * width + (width - 1 - y)) * channels;
      turned.set(data.subarray(from, from + channels), (y * height + x) * channels);
    }
  }
  return { width: height, height: width, channels, data: turned };
}

/** Turned by 180 degrees. */
export function turnAround({ width, height, channels, data }: Raster<Uint8Array>): Raster<Uint8Array> {
  const turned = new Uint8Array(data.length);
  for (let from = 0, to = data.length - channels; from < data.length; from += channels, to -= channels) {
    turned.set(data.subarray(from, from + channels), to);
  }
  return { width, height, channels, data: turned };
}
