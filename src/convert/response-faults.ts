import { blame } from "../inference/checks/blame.ts";
import type { ReadView, RowTexts, Values } from "../inference/values.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import type { Tensor, TensorSpec } from "../tensor/tensor.ts";
import { type DerivedValues, isDerived } from "./derived-values.ts";

/**
 * Runs a reader of a predictor's response: what would be the client's mistake in a request is the predictor's here.
 * @throws InferenceError bad_gateway in place of invalid_argument and its like.
 */
export function guardResponse<T>(read: () => T): T {
  return blame("bad_gateway", "predictor's response", read);
}

/**
 * Runs the encoding of a response: what cannot be written is no mistake of the client's.
 * @throws InferenceError internal in place of invalid_argument.
 */
export function guardEncoding<T>(encode: () => T): T {
  return blame("internal", "answer", encode);
}

/** Values that came from a predictor: a view that cannot be made is a bad gateway. */
export class PredictorValues implements DerivedValues {
  readonly native: Values["native"];
  readonly #values: Values;

  constructor(values: Values) {
    this.native = values.native;
    this.#values = values;
  }

  get isDerivedAsked(): boolean {
    return this.#values.isDerivedAsked === true;
  }

  derive(): void {
    guardResponse(() => this.#values.derive?.());
  }

  read(view: ReadView): void {
    guardResponse(() => this.#values.read?.(view));
  }

  rowTexts(): RowTexts | undefined {
    return guardResponse(() => this.#values.rowTexts?.());
  }

  rows(): readonly JsonValue[] {
    return guardResponse(() => this.#values.rows());
  }

  tensors(): readonly Tensor[] {
    return guardResponse(() => this.#values.tensors());
  }

  tensorsAs(specs: readonly TensorSpec[] | undefined): readonly Tensor[] {
    const values = this.#values;
    return guardResponse(() => (isDerived(values) ? values.tensorsAs(specs) : values.tensors()));
  }
}
