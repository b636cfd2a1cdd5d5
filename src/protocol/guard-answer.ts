import { InferenceError } from "../errors.ts";
import type { Values } from "../inference/values.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Runs a reader of a predictor's answer: what would be the client's mistake in a request is the predictor's here.
 * @throws InferenceError bad_gateway in place of invalid_argument.
 */
export function guardAnswer<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!InferenceError.isInstance(error) || error.code !== "invalid_argument") throw error;
    throw new InferenceError(`predictor's answer: ${error.message}`, { code: "bad_gateway", cause: error });
  }
}

/**
 * Runs the encoding of an answer: what cannot be written is no mistake of the client's.
 * @throws InferenceError internal in place of invalid_argument.
 */
export function guardEncoding<T>(encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    if (!InferenceError.isInstance(error) || error.code !== "invalid_argument") throw error;
    throw new InferenceError(`answer: ${error.message}`, { code: "internal", cause: error });
  }
}

/** Values of a predictor's answer: a view that cannot be made is a bad gateway. */
export class AnswerValues implements Values {
  readonly native: Values["native"];
  readonly #values: Values;

  constructor(values: Values) {
    this.native = values.native;
    this.#values = values;
  }

  rows(): readonly JsonValue[] {
    return guardAnswer(() => this.#values.rows());
  }

  tensors(): readonly Tensor[] {
    return guardAnswer(() => this.#values.tensors());
  }
}
