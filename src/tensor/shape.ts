import { invalidArgument } from "../errors.ts";

/** Elements of a shape; `[]` is a scalar (1), any 0 makes it empty (0). */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const dimension of shape) count *= dimension;
  return count;
}

/**
 * Checks that every dimension is a whole number ≥ 0 and that their product can be counted exactly; nothing is allocated.
 * @throws InferenceError invalid_argument that names the tensor and the shape.
 */
export function assertShape(shape: unknown, tensor: string): asserts shape is readonly number[] {
  if (!Array.isArray(shape)) {
    throw invalidArgument(`tensor '${tensor}': shape must be an array of whole numbers ≥ 0, got ${formatShape(shape)}`);
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
