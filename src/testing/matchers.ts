import { numericElements } from "../tensor/elements/numeric-elements.ts";
import { isTensorOf, type Tensor } from "../tensor/tensor.ts";

/** What a matcher of jest or vitest gives. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

export interface TensorTolerance {
  /** Largest difference of a value. @default 1e-6 */
  readonly tolerance?: number;
}

/** How many differing values a message shows. */
const SHOWN = 5;

/**
 * Matchers for jest and vitest: `expect.extend(tensorMatchers)`.
 *
 *     expect(response.outputs[0]).toBeCloseToTensor(expected, { tolerance: 1e-5 });
 *     expect(response.predictions[0]).toHaveScores({ pants: 0.998 }, 0.01);
 */
export const tensorMatchers = {
  /** Equal datatype and shape, values within a tolerance; NaN is equal to NaN, BYTES are compared exactly. */
  toBeCloseToTensor(received: Tensor, expected: Tensor, { tolerance = 1e-6 }: TensorTolerance = {}): MatcherResult {
    const difference = describeDifference(received, expected, tolerance);
    return {
      pass: difference === undefined,
      message: () => difference ?? `expected a tensor other than ${summary(expected)} within ${tolerance}`,
    };
  },

  /** A row of scores that has these labels with these scores within a tolerance; other labels may be there. */
  toHaveScores(received: unknown, expected: Readonly<Record<string, number>>, tolerance = 0.01): MatcherResult {
    const scores = (typeof received === "object" && received !== null ? received : {}) as Readonly<
      Record<string, unknown>
    >;
    const wrong = Object.entries(expected).filter(([label, score]) => {
      const given = scores[label];
      return typeof given !== "number" || !(Math.abs(given - score) <= tolerance);
    });
    const lines = wrong.map(
      ([label, score]) => `  ${label}: expected ${score} ± ${tolerance}, got ${String(scores[label])}`,
    );
    return {
      pass: wrong.length === 0,
      message: () =>
        wrong.length === 0
          ? `expected other scores than ${JSON.stringify(expected)} ± ${tolerance}`
          : `scores differ:\n${lines.join("\n")}\nlabels there are: ${Object.keys(scores).join(", ") || "none"}`,
    };
  },
} as const;

function summary({ name, datatype, shape }: Tensor): string {
  return `'${name}' ${datatype} [${shape.join(", ")}]`;
}

function describeDifference(received: Tensor, expected: Tensor, tolerance: number): string | undefined {
  const sameForm = received.datatype === expected.datatype && String(received.shape) === String(expected.shape);
  if (!sameForm) return `expected a tensor ${summary(expected)}, got ${summary(received)}`;
  const [got, wanted] = [valuesOf(received), valuesOf(expected)];
  const differing: string[] = [];
  let count = 0;
  let largest = 0;
  for (let index = 0; index < wanted.length; index++) {
    const [a, b] = [got[index] ?? "", wanted[index] ?? ""];
    const distance = distanceOf(a, b);
    if (distance <= tolerance) continue;
    count += 1;
    largest = Math.max(largest, distance);
    if (differing.length < SHOWN) {
      differing.push(`  [${positionOf(index, expected.shape).join(", ")}]: expected ${b}, got ${a}`);
    }
  }
  if (count === 0) return undefined;
  const more = count > SHOWN ? `\n  … and ${count - SHOWN} more` : "";
  const by = Number.isFinite(largest) ? `, by ${largest} at the most` : "";
  return `${count} of ${wanted.length} values of ${summary(received)} differ by more than ${tolerance}${by}:\n${differing.join("\n")}${more}`;
}

type Value = number | bigint | string;

function valuesOf(tensor: Tensor): ArrayLike<Value> {
  if (!isTensorOf(tensor, "BYTES")) return numericElements(tensor);
  return tensor.data.map((bytes) => JSON.stringify(Buffer.from(bytes).toString("utf8")));
}

function distanceOf(a: Value, b: Value): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  if (typeof a === "bigint" && typeof b === "bigint") return Number(a > b ? a - b : b - a);
  const distance = typeof a === "number" && typeof b === "number" ? Math.abs(a - b) : Number.POSITIVE_INFINITY;
  return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
}

function positionOf(index: number, shape: readonly number[]): readonly number[] {
  const position: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    position.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return position;
}
