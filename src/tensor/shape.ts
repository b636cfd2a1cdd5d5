import { invalidArgument } from "../errors.ts";

/** Elements of a shape; `[]` is a scalar (1), any 0 makes it empty (0). */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const dimension of shape) count *= dimension;
  return count;
}

/** More dimensions than any tensor has; keeps hostile shapes and nesting from the stack. */
export const MAX_RANK = 64;

/** Arrays without elements that nesting may make; hostile shapes such as [1000000000, 0] ask for more. */
const MAX_EMPTY_ARRAYS = 100_000;

/**
 * Checks that every dimension is a whole number ≥ 0 and that their product can be counted exactly, and that they are at
 * most 64; nothing is allocated.
 * @throws InferenceError invalid_argument that names the tensor and the shape.
 */
export function assertShape(shape: unknown, tensor: string): asserts shape is readonly number[] {
  if (!Array.isArray(shape)) {
    throw invalidArgument(`tensor '${tensor}': shape must be an array of whole numbers ≥ 0, got ${formatShape(shape)}`);
  }
  if (shape.length > MAX_RANK) {
    throw invalidArgument(`tensor '${tensor}': shape may have ${MAX_RANK} dimensions, got ${shape.length}`);
  }
  let count = 1;
  for (const dimension of shape) {
    if (!Number.isSafeInteger(dimension) || dimension < 0) {
      throw invalidArgument(
        `tensor '${tensor}': shape must be an array of whole numbers ≥ 0, got ${formatShape(shape)}`,
      );
    }
    count *= dimension === 0 ? 1 : dimension;
    if (count > Number.MAX_SAFE_INTEGER) {
      throw invalidArgument(`tensor '${tensor}': shape ${formatShape(shape)} has more elements than can be counted`);
    }
  }
}

/** A shape for messages, cut where a hostile one would flood the log. */
export function formatShape(shape: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(shape);
  } catch {
    text = String(shape);
  }
  text ??= "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/**
 * Counts the arrays that a shape nests into, which may not be many more than its elements.
 * @throws InferenceError invalid_argument that names the tensor and the shape.
 */
export function assertNestable(shape: readonly number[], tensor: string): number {
  let arrays = 0;
  let inner = 1;
  for (const dimension of shape) {
    arrays += inner;
    inner *= dimension;
  }
  if (arrays > 4 * inner + MAX_EMPTY_ARRAYS) {
    throw invalidArgument(
      `tensor '${tensor}': shape ${formatShape(shape)} nests into ${arrays} arrays, too many to write`,
    );
  }
  return arrays;
}
