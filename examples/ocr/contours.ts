import type { Point } from "kserve-transformer/image";

/** Pixels that are set or not, row by row. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** width × height, 0 or 1. */
  readonly data: Uint8Array;
}

/** Steps to the eight neighbours, counter-clockwise on the screen from the right. */
const STEPS: readonly Point[] = [
  [1, 0],
  [1, -1],
  [0, -1],
  [-1, -1],
  [-1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
];

const FOLLOWED = 2;
/** Followed, with nothing to the right of it. */
const RIGHT_END = -2;

/**
 * The borders of areas and of the holes in them, as `cv2.findContours(…, RETR_LIST, CHAIN_APPROX_SIMPLE)` gives them: the
 * lowest first, points where the direction changes. Suzuki and Abe, "Topological structural analysis of digitized binary
 * images by border following", 1985.
 */
export function findContours({ width, height, data }: Bitmap): Point[][] {
  // A frame of unset pixels, so that no neighbour lies outside.
  const stride = width + 2;
  const marks = new Int8Array(stride * (height + 2));
  for (let y = 0; y < height; y++) marks.set(data.subarray(y * width, (y + 1) * width), (y + 1) * stride + 1);
  const contours: Point[][] = [];
  for (let y = 1; y <= height; y++) {
    for (let x = 1; x <= width + 1; x++) {
      const before = marks[y * stride + x - 1] as number;
      const here = marks[y * stride + x] as number;
      if (before === 0 && here === 1) contours.push(followBorder(marks, stride, [x, y], 4));
      else if (before >= 1 && here === 0) contours.push(followBorder(marks, stride, [x - 1, y], 0));
    }
  }
  return contours.reverse();
}

/** From a border's first pixel around it; `from` is the step to the unset pixel beside it. */
function followBorder(marks: Int8Array, stride: number, [x, y]: Point, from: number): Point[] {
  const offsets = STEPS.map(([dx, dy]) => dy * stride + dx);
  const isSet = (place: number): boolean => marks[place] !== 0;
  const start = y * stride + x;
  let direction = from;
  do direction = (direction + 7) % 8;
  while (direction !== from && !isSet(start + (offsets[direction] as number)));
  if (direction === from) {
    marks[start] = RIGHT_END;
    return [[x - 1, y - 1]];
  }
  const last = start + (offsets[direction] as number);
  const points: Point[] = [];
  let [place, atX, atY, previous] = [start, x - 1, y - 1, (direction + 4) % 8];
  for (;;) {
    const arrived = direction;
    let next = place;
    do {
      direction += 1;
      next = place + (offsets[direction % 8] as number);
    } while (!isSet(next));
    direction %= 8;
    // The search passed over the pixel to the right, and that was not set.
    if (direction > 0 && direction <= arrived) marks[place] = RIGHT_END;
    else if (marks[place] === 1) marks[place] = FOLLOWED;
    if (direction !== previous) points.push([atX, atY]);
    previous = direction;
    const [dx, dy] = STEPS[direction] as Point;
    [atX, atY] = [atX + dx, atY + dy];
    if (next === start && place === last) return points;
    place = next;
    direction = (direction + 4) % 8;
  }
}
