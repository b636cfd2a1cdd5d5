import { type ErrorCode, InferenceError } from "../../errors.ts";
import type { Values } from "../../inference/values.ts";

/** Values of a body that has none of V1's keys: its other members can be read, rows and columns it has not. */
export class AbsentValues implements Values {
  readonly native = "rows";
  readonly #message: string;
  readonly #code: ErrorCode;

  constructor(message: string, code: ErrorCode) {
    this.#message = message;
    this.#code = code;
  }

  rows(): never {
    throw new InferenceError(this.#message, { code: this.#code });
  }

  tensors(): never {
    return this.rows();
  }
}
