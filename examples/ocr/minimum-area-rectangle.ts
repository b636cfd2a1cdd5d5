import type { Point, Quadrilateral } from "kserve-transformer/image";
import { convexHull } from "./convex-hull.ts";

const { atan2, cos, fround, PI, sin, sqrt } = Math;

/** A turned rectangle in float32. */
export interface TurnedRectangle {
  readonly center: Point;
  readonly width: number;
  readonly height: number;
  /** In degrees, clockwise on the screen. */
  readonly angle: number;
}

/** The smallest turned rectangle around points: `cv2.minAreaRect`. */
export function minimumAreaRectangle(points: readonly Point[]): TurnedRectangle {
  const hull = convexHull(points);
  if (hull.length < 3) return aroundLine(hull);
  const [corner, one, other] = rotateCalipers(hull);
  const width = fround(sqrt(other[0] * other[0] + other[1] * other[1]));
  const height = fround(sqrt(one[0] * one[0] + one[1] * one[1]));
  const center: Point = [
    fround(corner[0] + fround(fround(one[0] + other[0]) * 0.5)),
    fround(corner[1] + fround(fround(one[1] + other[1]) * 0.5)),
  ];
  if (one[0] === 0 && one[1] > 0) return { center, width: height, height: width, angle: -90 };
  return { center, width, height, angle: toDegrees(-atan2(one[0], one[1])) };
}

/** The corners, from the lower left one clockwise where the angle is small: `cv2.boxPoints`. */
export function rectangleCorners({ center: [x, y], width, height, angle }: TurnedRectangle): Quadrilateral {
  const radians = (angle * PI) / 180;
  const half = fround(fround(cos(radians)) * 0.5);
  const rise = fround(fround(sin(radians)) * 0.5);
  const [riseHeight, riseWidth] = [fround(rise * height), fround(rise * width)];
  const [halfHeight, halfWidth] = [fround(half * height), fround(half * width)];
  const left = fround(x - riseHeight);
  const right = fround(x + riseHeight);
  const low = fround(y + halfHeight);
  const high = fround(y - halfHeight);
  return [
    [fround(left - halfWidth), fround(low - riseWidth)],
    [fround(right - halfWidth), fround(high - riseWidth)],
    [fround(right + halfWidth), fround(high + riseWidth)],
    [fround(left + halfWidth), fround(low + riseWidth)],
  ];
}

function toDegrees(radians: number): number {
  return fround((radians * 180) / PI);
}

function aroundLine(hull: readonly Point[]): TurnedRectangle {
  const [[ax, ay] = [0, 0], [bx, by] = [ax, ay]] = hull;
  const center: Point = [fround(fround(ax + bx) * 0.5), fround(fround(ay + by) * 0.5)];
  const length = fround(sqrt((bx - ax) ** 2 + (by - ay) ** 2));
  return { center, width: 0, height: length, angle: -90 };
}

interface Edge {
  readonly x: number;
  readonly y: number;
  /** 1 / its length. */
  readonly inverse: number;
}

/**
 * Turns a rectangle around the hull until it has lain on every edge, and gives a corner and two sides of the smallest. Where two
 * are as small in float32 the later one counts, so every operation is rounded as there.
 */
function rotateCalipers(hull: readonly Point[]): [corner: Point, side: Point, other: Point] {
  const edges = hull.map(([x, y], place): Edge => {
    const [nextX, nextY] = hull[(place + 1) % hull.length] as Point;
    const [dx, dy] = [fround(nextX - x), fround(nextY - y)];
    return { x: dx, y: dy, inverse: fround(1 / sqrt(dx * dx + dy * dy)) };
  });
  const touching = findExtremes(hull);
  let [baseX, baseY] = [1, 0];
  let least = Number.POSITIVE_INFINITY;
  let best = { left: 0, bottom: 0, baseX, baseY, width: 0, height: 0 };
  for (let turn = 0; turn < hull.length; turn++) {
    const side = nextSide(touching.map((place, which) => turned(edges[place] as Edge, which)));
    const place = touching[side] as number;
    const edge = edges[place] as Edge;
    const lead = turned({ ...edge, x: fround(edge.x * edge.inverse), y: fround(edge.y * edge.inverse) }, side);
    [baseX, baseY] = [lead.x, lead.y];
    touching[side] = (place + 1) % hull.length;
    const [bottom, right, top, left] = touching as [number, number, number, number];
    const across = between(hull, left, right);
    const down = between(hull, bottom, top);
    const width = fround(fround(across[0] * baseX) + fround(across[1] * baseY));
    const height = fround(fround(-down[0] * baseY) + fround(down[1] * baseX));
    const area = fround(width * height);
    if (area <= least) {
      least = area;
      best = { left, bottom, baseX, baseY, width, height };
    }
  }
  return toSides(hull, best);
}

/** Places of the lowest, rightmost, highest and leftmost point, by rising y, as OpenCV names them. */
function findExtremes(hull: readonly Point[]): number[] {
  let [bottom, right, top, left] = [0, 0, 0, 0];
  for (const [place, [x, y]] of hull.entries()) {
    if (x < (hull[left] as Point)[0]) left = place;
    if (x > (hull[right] as Point)[0]) right = place;
    if (y > (hull[top] as Point)[1]) top = place;
    if (y < (hull[bottom] as Point)[1]) bottom = place;
  }
  return [bottom, right, top, left];
}

/** An edge at one of the four sides, turned back by as many right angles. */
function turned({ x, y, inverse }: Edge, side: number): Edge {
  const turns: readonly Point[] = [
    [x, y],
    [y, -x],
    [-x, -y],
    [-y, x],
  ];
  const [turnedX, turnedY] = turns[side] as Point;
  return { x: turnedX, y: turnedY, inverse };
}

/** The side whose next edge has the least angle. */
function nextSide(edges: readonly Edge[]): number {
  let least = 0;
  for (const [side, { x, y }] of edges.entries()) {
    const other = edges[least] as Edge;
    if (fround(fround(y * other.x) + fround(-x * other.y)) < 0) least = side;
  }
  return least;
}

function between(hull: readonly Point[], from: number, to: number): Point {
  const [[fromX, fromY], [toX, toY]] = [hull[from] as Point, hull[to] as Point];
  return [fround(toX - fromX), fround(toY - fromY)];
}

interface Lying {
  readonly left: number;
  readonly bottom: number;
  readonly baseX: number;
  readonly baseY: number;
  readonly width: number;
  readonly height: number;
}

function toSides(hull: readonly Point[], { left, bottom, baseX, baseY, width, height }: Lying): [Point, Point, Point] {
  const [leftX, leftY] = hull[left] as Point;
  const [bottomX, bottomY] = hull[bottom] as Point;
  const along = fround(fround(baseX * leftX) + fround(leftY * baseY));
  const beside = fround(fround(-baseY * bottomX) + fround(bottomY * baseX));
  const inverse = fround(1 / fround(fround(baseX * baseX) - fround(-baseY * baseY)));
  return [
    [
      fround(fround(fround(along * baseX) - fround(beside * baseY)) * inverse),
      fround(fround(fround(baseX * beside) - fround(-baseY * along)) * inverse),
    ],
    [fround(baseX * width), fround(baseY * width)],
    [fround(-baseY * height), fround(baseX * height)],
  ];
}
