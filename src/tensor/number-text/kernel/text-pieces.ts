import { Buffer } from "node:buffer";
import type { TableElements } from "../element-writer.ts";
import type { MeasuredElements, TextKernel } from "./text-kernel.ts";

/** Each piece but the last is all but as long, and longer than any socket's high-water mark. */
const PIECE_BYTES = 128 * 1024;

/**
 * A nested array's text, made anew in pieces by each iteration. A piece is good until the next is asked for, which is written over it.
 */
export class TextPieces implements Iterable<Uint8Array> {
  readonly byteLength: number;
  readonly #kernel: TextKernel;
  readonly #measured: MeasuredElements;
  readonly #shape: readonly number[];

  /** @throws InferenceError for elements that JSON has no number for: no iteration throws. */
  constructor(kernel: TextKernel, elements: TableElements, shape: readonly number[], arrays: number) {
    this.#kernel = kernel;
    this.#measured = kernel.measure(elements);
    this.#shape = shape;
    this.byteLength = this.#measured.length + 2 * arrays;
  }

  *[Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    const { bytes } = this.#measured.elements;
    for (let from = 0; from < bytes.length; ) {
      const { next, length } = this.#kernel.fill(piece, this.#measured, this.#shape, from);
      from = next;
      yield piece.subarray(0, length);
    }
  }
}
