import type { Point } from "kserve-transformer/image";

/** Values row by row. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Whole numbers of 1 / 65536 of a pixel, in which OpenCV follows edges. */
const ONE = 65536;

const { abs, ceil, floor, max, min, trunc } = Math;

/**
 * The mean of the values in and on a polygon, whose corners are cut off to whole pixels: `cv2.fillPoly` of a mask, then `cv2.mean`.
 * What lies outside the plane does not count; of a polygon that leaves it on opposite sides an edge may be a pixel off.
 */
export function meanInside({ width, height, data }: Plane, polygon: readonly Point[]): number {
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const left = clip(floor(min(...xs)), width);
  const right = clip(ceil(max(...xs)), width);
  const top = clip(floor(min(...ys)), height);
  const bottom = clip(ceil(max(...ys)), height);
  const mask = new Mask(right - left + 1, bottom - top + 1);
  mask.fill(polygon.map(([x, y]): Point => [trunc(x - left), trunc(y - top)]));
  let sum = 0;
  let count = 0;
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++) {
      if (mask.data[y * mask.width + x] === 0) continue;
      sum += data[(top + y) * width + left + x] as number;
      count += 1;
    }
  }
  return count === 0 ? 0 : sum / count;
}

function clip(place: number, size: number): number {
  return max(0, min(size - 1, place));
}

/** The part of a line that lies inside, its ends cut off to whole pixels; undefined where there is none. */
function clipLine(from: Point, to: Point, width: number, height: number): [Point, Point] | undefined {
  let ends: [Point, Point] = [from, to];
  // Down first, then across.
  for (const axis of [1, 0] as const) {
    const last = (axis === 1 ? height : width) - 1;
    if (ends.every((end) => end[axis] < 0) || ends.every((end) => end[axis] > last)) return undefined;
    for (const which of [0, 1] as const) {
      const [end, other] = [ends[which], ends[1 - which] as Point];
      if (end[axis] >= 0 && end[axis] <= last) continue;
      const border = end[axis] < 0 ? 0 : last;
      const across = axis === 1 ? 0 : 1;
      const moved =
        end[across] + trunc(((border - end[axis]) * (other[across] - end[across])) / (other[axis] - end[axis]));
      const cut: Point = axis === 1 ? [moved, border] : [border, moved];
      ends = which === 0 ? [cut, ends[1]] : [ends[0], cut];
    }
  }
  return ends;
}

class Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(width * height);
  }

  /** Even-odd, with the edges. */
  fill(polygon: readonly Point[]): void {
    const crossings = Array.from({ length: this.height }, (): number[] => []);
    for (const [place, to] of polygon.entries()) {
      const from = polygon.at(place - 1) as Point;
      const part = clipLine(from, to, this.width, this.height);
      if (part !== undefined) this.#line(...part);
      if (from[1] === to[1]) continue;
      // What lies inside gives the slope, so that rounding there is least.
      const [start, end] = part === undefined || part[0][1] === part[1][1] ? [from, to] : part;
      const slope = trunc(((end[0] - start[0]) * ONE) / (end[1] - start[1]));
      for (let y = max(0, min(from[1], to[1])); y < min(this.height, max(from[1], to[1])); y++) {
        crossings[y]?.push(start[0] * ONE + (y - start[1]) * slope);
      }
    }
    for (const [y, places] of crossings.entries()) {
      places.sort((a, b) => a - b);
      for (let pair = 0; pair + 1 < places.length; pair += 2) {
        const from = ceil((places[pair] as number) / ONE);
        const until = floor((places[pair + 1] as number) / ONE);
        for (let x = max(0, from); x <= min(this.width - 1, until); x++) this.data[y * this.width + x] = 1;
      }
    }
  }

  /** Bresenham's, from left to right. */
  #line(one: Point, other: Point): void {
    const [[x0, y0], [x1, y1]] = one[0] <= other[0] ? [one, other] : [other, one];
    const [dx, dy] = [x1 - x0, abs(y1 - y0)];
    const down = y1 < y0 ? -1 : 1;
    const [long, short] = dy > dx ? [dy, dx] : [dx, dy];
    let [x, y, error] = [x0, y0, long - 2 * short];
    for (let step = 0; step <= long; step++) {
      if (x >= 0 && y >= 0 && x < this.width && y < this.height) this.data[y * this.width + x] = 1;
      const both = error < 0;
      error += -2 * short + (both ? 2 * long : 0);
      if (both || dx >= dy) x += 1;
      if (both || dx < dy) y += down;
    }
  }
}
