import { createTensor, type Tensor } from "kserve-transformer";
import { type Point, type Quadrilateral, type Raster, resizeOpencv } from "kserve-transformer/image";
import { type Bitmap, findContours } from "./contours.ts";
import { meanInside, type Plane } from "./mean-inside.ts";
import { minimumAreaRectangle, rectangleCorners } from "./minimum-area-rectangle.ts";
import { roundHalfToEven } from "./round.ts";
import { toPlanes } from "./to-planes.ts";
import { unclip } from "./unclip.ts";

const { abs, floor, fround, max, min, sqrt, trunc } = Math;

const SHORTER_SIDE = 736;
const THRESHOLD = fround(0.3);
const BOX_THRESHOLD = 0.5;
const UNCLIP_RATIO = 1.6;
const MAX_CANDIDATES = 1000;

/** float32(v × float32(1 / 255)), then 0.5 taken off and halves made wholes in float64. */
const SCALED = Float32Array.from({ length: 256 }, (_, value) => (fround(value * fround(1 / 255)) - 0.5) / 0.5);

/** The input of PP-OCR's detector: FP32 [1, 3, height, width], BGR, both sides multiples of 32. */
export function detectorTensor(name: string, picture: Raster<Uint8Array>): Tensor {
  const shorter = min(picture.width, picture.height);
  const ratio = shorter < SHORTER_SIDE ? SHORTER_SIDE / shorter : 1;
  const [width, height] = [picture.width, picture.height].map(
    (side) => roundHalfToEven(trunc(side * ratio) / 32) * 32,
  ) as [number, number];
  const planes = toPlanes(resizeOpencv(picture, width, height, "linear"), width, SCALED);
  return createTensor(name, "FP32", [1, 3, height, width], planes);
}

/** Where the detector's map, FP32 [1, 1, height, width], says that text is: boxes on the picture in reading order. */
export function findTextBoxes(map: Tensor, picture: Raster): Quadrilateral[] {
  const [, , height, width] = map.shape as [number, number, number, number];
  const plane: Plane = { width, height, data: map.data as Float32Array };
  const boxes = findContours(dilate(plane))
    .slice(0, MAX_CANDIDATES)
    .map((contour) => toBox(plane, contour, picture))
    .filter((box) => box !== undefined)
    .map((box) => clipBox(box, picture))
    .filter(([first, second, , fourth]) => min(distance(first, second), distance(first, fourth)) >= 4);
  return sortBoxes(boxes);
}

/** What is above the threshold, each spot grown by one pixel to the right and down. */
function dilate({ width, height, data }: Plane): Bitmap {
  const dilated = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((data[y * width + x] as number) <= THRESHOLD) continue;
      for (let row = y; row <= min(y + 1, height - 1); row++) {
        for (let column = x; column <= min(x + 1, width - 1); column++) dilated[row * width + column] = 1;
      }
    }
  }
  return { width, height, data: dilated };
}

function toBox(plane: Plane, contour: readonly Point[], picture: Raster): Quadrilateral | undefined {
  const core = minimumAreaRectangle(contour);
  if (min(core.width, core.height) < 3) return undefined;
  const corners = fromUpperLeft(rectangleCorners(core));
  if (meanInside(plane, corners) < BOX_THRESHOLD) return undefined;
  const grown = minimumAreaRectangle(unclip(corners, UNCLIP_RATIO));
  if (min(grown.width, grown.height) < 5) return undefined;
  const scale = (value: number, from: number, to: number): number =>
    max(0, min(to, roundHalfToEven(fround(fround(value / from) * to))));
  return mapCorners(fromUpperLeft(rectangleCorners(grown)), ([x, y]) => [
    scale(x, plane.width, picture.width),
    scale(y, plane.height, picture.height),
  ]);
}

/** Of the two corners on the left the upper one first, then clockwise. */
function fromUpperLeft(corners: Quadrilateral): Quadrilateral {
  const [a, b, c, d] = corners.toSorted(([one], [other]) => one - other) as [Point, Point, Point, Point];
  const [upperLeft, lowerLeft] = b[1] > a[1] ? [a, b] : [b, a];
  const [upperRight, lowerRight] = d[1] > c[1] ? [c, d] : [d, c];
  return [upperLeft, upperRight, lowerRight, lowerLeft];
}

function clipBox(box: Quadrilateral, { width, height }: Raster): Quadrilateral {
  const byX = box.toSorted(([one], [other]) => one - other);
  const byY = (points: readonly Point[]): [Point, Point] =>
    points.toSorted(([, one], [, other]) => one - other) as [Point, Point];
  const [upperLeft, lowerLeft] = byY(byX.slice(0, 2));
  const [upperRight, lowerRight] = byY(byX.slice(2));
  return mapCorners([upperLeft, upperRight, lowerRight, lowerLeft], ([x, y]) => [
    max(0, min(width - 1, x)),
    max(0, min(height - 1, y)),
  ]);
}

/** By the upper left corner from top to bottom; those less than 10 pixels apart are one line, from left to right. */
function sortBoxes(boxes: readonly Quadrilateral[]): Quadrilateral[] {
  const sorted = boxes.toSorted(([[ax, ay]], [[bx, by]]) => ay - by || ax - bx);
  for (let place = 1; place < sorted.length; place++) {
    for (let at = place; at > 0; at--) {
      const [before, box] = [sorted[at - 1] as Quadrilateral, sorted[at] as Quadrilateral];
      if (abs(box[0][1] - before[0][1]) >= 10 || box[0][0] >= before[0][0]) break;
      sorted[at - 1] = box;
      sorted[at] = before;
    }
  }
  return sorted;
}

/** Whole pixels between two corners, in float32. */
export function distance([ax, ay]: Point, [bx, by]: Point): number {
  return floor(fround(sqrt((ax - bx) ** 2 + (ay - by) ** 2)));
}

function mapCorners([a, b, c, d]: Quadrilateral, change: (point: Point) => Point): Quadrilateral {
  return [change(a), change(b), change(c), change(d)];
}
