import { invalidArgument } from "../../errors.ts";

/** So many are never too many; the limit on the elements of one tensor holds beside it. */
const MANY = 1024 * 1024;
/** Numbers that take the memory of one BYTES element, which is an object of its own. */
const NUMBERS = 64;

/**
 * BYTES elements that one message may hold, over all of its tensors. A number of a body takes 8 bytes at most, a BYTES element an
 * object of a hundred, also where it is empty: a body of 100 MiB would hold 50 million of them.
 */
export class ByteElementsBudget {
  readonly most: number;
  #taken = 0;

  /** @param maxElements the limit on elements of one tensor. */
  constructor(maxElements: number) {
    this.most = Math.max(MANY, Math.floor(maxElements / NUMBERS));
  }

  /** Counts a tensor's elements before they are made. @throws InferenceError invalid_argument that names the limit. */
  take(name: string, count: number): void {
    this.#taken += count;
    if (this.#taken <= this.most) return;
    throw invalidArgument(
      `tensor '${name}': ${this.#taken} BYTES elements in one message, more than the limit of ${this.most} (max_elements, where each counts as ${NUMBERS})`,
    );
  }
}
