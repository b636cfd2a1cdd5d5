import { invalidArgument } from "../../../errors.ts";

/** A point in pixels from the left upper corner. */
export type Point = readonly [x: number, y: number];

/** Four corners in order around, the left upper one first where that is to mean something. */
export type Quadrilateral = readonly [Point, Point, Point, Point];

/** A 3 × 3 matrix row by row: (x, y) goes to (X / W, Y / W), where (X, Y, W) is the matrix times (x, y, 1). */
export type PerspectiveMatrix = readonly number[];

const { abs, fround } = Math;

/** Pivots below it are none: LU of OpenCV's for float64. */
const LEAST_PIVOT = Number.EPSILON * 100;

/**
 * `cv2.getPerspectiveTransform(from, to)`: the matrix that takes four corners to four others.
 * @throws InferenceError invalid_argument when three of the corners lie on one line.
 */
export function perspectiveTransformOpencv(from: Quadrilateral, to: Quadrilateral): PerspectiveMatrix {
  const rows: number[][] = [];
  // The products are float32's, as the corners are.
  for (const [i, [x, y]] of from.entries()) {
    const [toX] = to[i] as Point;
    rows.push([x, y, 1, 0, 0, 0, -fround(x * toX), -fround(y * toX), toX]);
  }
  for (const [i, [x, y]] of from.entries()) {
    const [, toY] = to[i] as Point;
    rows.push([0, 0, 0, x, y, 1, -fround(x * toY), -fround(y * toY), toY]);
  }
  return [...solve(rows), 1];
}

/** Gaussian elimination with partial pivoting; the last column is the right-hand side. */
function solve(rows: number[][]): number[] {
  const size = rows.length;
  for (let step = 0; step < size; step++) {
    let pivot = step;
    for (let row = step + 1; row < size; row++) {
      if (abs(at(rows, row, step)) > abs(at(rows, pivot, step))) pivot = row;
    }
    if (abs(at(rows, pivot, step)) < LEAST_PIVOT) {
      throw invalidArgument("no perspective takes these corners to those: three of them lie on one line");
    }
    [rows[step], rows[pivot]] = [rows[pivot] as number[], rows[step] as number[]];
    const inverse = -1 / at(rows, step, step);
    for (let row = step + 1; row < size; row++) {
      const factor = at(rows, row, step) * inverse;
      const line = rows[row] as number[];
      for (let column = step + 1; column <= size; column++) {
        line[column] = (line[column] as number) + factor * at(rows, step, column);
      }
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let sum = at(rows, row, size);
    for (let column = row + 1; column < size; column++) sum -= at(rows, row, column) * (solution[column] as number);
    solution[row] = sum / at(rows, row, row);
  }
  return solution;
}

function at(rows: readonly (readonly number[])[], row: number, column: number): number {
  return (rows[row] as readonly number[])[column] as number;
}

/** A 3 × 3 matrix row by row, whose nine numbers can be named. */
export type Nine = [number, number, number, number, number, number, number, number, number];

/**
 * The inverse by cofactors, in the order in which OpenCV multiplies.
 * @throws InferenceError invalid_argument when there is none.
 */
export function invertPerspective(matrix: PerspectiveMatrix): Nine {
  const [a, b, c, d, e, f, g, h, i] = matrix as Nine;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (matrix.length !== 9 || !matrix.every(Number.isFinite) || determinant === 0) {
    throw invalidArgument(`expected a 3 × 3 matrix that has an inverse, got [${matrix.join(", ")}]`);
  }
  const scale = 1 / determinant;
  return [
    (e * i - f * h) * scale,
    (c * h - b * i) * scale,
    (b * f - c * e) * scale,
    (f * g - d * i) * scale,
    (a * i - c * g) * scale,
    (c * d - a * f) * scale,
    (d * h - e * g) * scale,
    (b * g - a * h) * scale,
    (a * e - b * d) * scale,
  ];
}
