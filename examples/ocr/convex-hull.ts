import type { Point } from "kserve-transformer/image";

/**
 * The corners of the smallest convex shape around points, clockwise on the screen, none of them on a line between two others:
 * `cv2.convexHull`. It begins at the first or the last of the points where these run around it in order, else at the right.
 */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = points.map((point, index) => ({ point, index }));
  sorted.sort(({ point: a, index: i }, { point: b, index: j }) => a[0] - b[0] || a[1] - b[1] || i - j);
  const distinct = sorted.filter(({ point: [x, y] }, place) => {
    const before = sorted[place - 1]?.point;
    return before?.[0] !== x || before[1] !== y;
  });
  if (distinct.length < 3) return distinct.reverse().map(({ point }) => point);
  const hull = [...halfHull(distinct.toReversed()), ...halfHull(distinct)];
  return startAsOrdered(hull).map(({ point }) => point);
}

interface Indexed {
  readonly point: Point;
  readonly index: number;
}

/** From the first of sorted points to the last, which begins the other half. */
function halfHull(sorted: readonly Indexed[]): Indexed[] {
  const half: Indexed[] = [];
  for (const next of sorted) {
    while (half.length > 1 && !turnsRight(half.at(-2) as Indexed, half.at(-1) as Indexed, next)) half.pop();
    half.push(next);
  }
  return half.slice(0, -1);
}

function turnsRight({ point: a }: Indexed, { point: b }: Indexed, { point: c }: Indexed): boolean {
  return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]) > 0;
}

function startAsOrdered(hull: Indexed[]): Indexed[] {
  const rises = hull.filter(({ index }, place) => (hull[(place + 1) % hull.length] as Indexed).index > index).length;
  const first = rises === hull.length - 1 ? Math.min : rises === 1 ? Math.max : undefined;
  if (first === undefined) return hull;
  const start = first(...hull.map(({ index }) => index));
  const place = hull.findIndex(({ index }) => index === start);
  return [...hull.slice(place), ...hull.slice(0, place)];
}
