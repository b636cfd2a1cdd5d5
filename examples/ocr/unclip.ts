import type { Point } from "kserve-transformer/image";

const { abs, acos, atan2, cos, floor, max, min, PI, sin, sqrt, trunc } = Math;

/** Farthest that an arc of chords may lie from the round one, in pixels: Clipper's default. */
const ARC_TOLERANCE = 0.25;

/**
 * A polygon grown by area × ratio / perimeter with round corners, on whole pixels, as `pyclipper`'s `PyclipperOffset` grows it
 * (JT_ROUND, ET_CLOSEDPOLYGON): text is detected by its shrunk core, and this undoes it. Points run clockwise on the screen.
 */
export function unclip(polygon: readonly Point[], ratio: number): Point[] {
  const distance = (abs(signedArea(polygon)) * ratio) / perimeter(polygon);
  const corners = distinctCorners(polygon.map(([x, y]): Point => [trunc(x), trunc(y)]));
  return distance === 0 || corners.length < 3 ? corners : fromUpperRight(grow(corners, distance));
}

function grow(corners: readonly Point[], distance: number): Point[] {
  const tolerance = min(ARC_TOLERANCE, distance * ARC_TOLERANCE);
  const steps = min(PI / acos(1 - tolerance / distance), distance * PI);
  const [sine, cosine] = [sin((2 * PI) / steps), cos((2 * PI) / steps)];
  const normals = corners.map((corner, place) => unitNormal(corner, corners[(place + 1) % corners.length] as Point));
  const grown: Point[] = [];
  let before = normals.at(-1) as Point;
  for (const [place, corner] of corners.entries()) {
    const after = normals[place] as Point;
    const push = ([x, y]: Point): number =>
      grown.push([round(corner[0] + x * distance), round(corner[1] + y * distance)]);
    const turn = before[0] * after[1] - after[0] * before[1];
    const along = before[0] * after[0] + before[1] * after[1];
    if (abs(turn * distance) < 1 && along > 0) {
      push(before);
      continue;
    }
    if (turn * distance < 0) {
      push(before);
      grown.push([corner[0], corner[1]]);
      push(after);
    } else {
      const count = max(trunc(round((steps / (2 * PI)) * abs(atan2(max(-1, min(1, turn)), along)))), 1);
      let [x, y] = before;
      for (let step = 0; step < count; step++) {
        push([x, y]);
        [x, y] = [x * cosine - sine * y, x * sine + y * cosine];
      }
      push(after);
    }
    before = after;
  }
  return grown;
}

function unitNormal([fromX, fromY]: Point, [toX, toY]: Point): Point {
  const factor = 1 / sqrt((toX - fromX) ** 2 + (toY - fromY) ** 2);
  return [(toY - fromY) * factor, -(toX - fromX) * factor];
}

/** Halves away from zero. */
function round(value: number): number {
  return value < 0 ? -floor(0.5 - value) : floor(value + 0.5);
}

/** Corners one after another that are not equal, clockwise on the screen. */
function distinctCorners(polygon: readonly Point[]): Point[] {
  const corners = polygon.filter(([x, y], place) => {
    const [beforeX, beforeY] = polygon.at(place - 1) as Point;
    return x !== beforeX || y !== beforeY;
  });
  return signedArea(corners) < 0 ? corners.reverse() : corners;
}

/** Clipper's result ends with the highest point, the rightmost of them. */
function fromUpperRight(polygon: Point[]): Point[] {
  const last = polygon.reduce((best, [x, y], place) => {
    const [bestX, bestY] = polygon[best] as Point;
    return y < bestY || (y === bestY && x > bestX) ? place : best;
  }, 0);
  return [...polygon.slice(last + 1), ...polygon.slice(0, last + 1)];
}

function signedArea(polygon: readonly Point[]): number {
  const originX = polygon[0]?.[0] ?? 0;
  let sum = 0;
  for (let place = 1; place < polygon.length; place++) {
    const [x] = polygon[place] as Point;
    const [, beforeY] = polygon[place - 1] as Point;
    const [, afterY] = polygon[(place + 1) % polygon.length] as Point;
    sum += (x - originX) * (afterY - beforeY);
  }
  return sum / 2;
}

function perimeter(polygon: readonly Point[]): number {
  return polygon.reduce((sum, [x, y], place) => {
    const [beforeX, beforeY] = polygon.at(place - 1) as Point;
    return sum + sqrt((x - beforeX) ** 2 + (y - beforeY) ** 2);
  }, 0);
}
