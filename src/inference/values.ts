import { InferenceError } from "../errors.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What somebody will ask for: columns alone, or any view. */
export type ReadView = "columns" | "any";

/** A V1 body around its rows, and each row's own text: what another body of some of these rows is made of, byte for byte. */
export interface RowTexts {
  /** All that stands before the array of rows. */
  readonly before: Uint8Array;
  readonly rows: readonly Uint8Array[];
  /** All that stands behind it. */
  readonly after: Uint8Array;
}

/**
 * The content of a request or a response in its two views. Each view is computed when first asked for and kept; a reader of
 * one never pays for the other.
 */
export interface Values {
  /** The view that the content was made as; the other one is derived by the rules of `rows-and-tensors.ts`. */
  readonly native: "rows" | "tensors";
  /** True for content that a hook made: what is wrong with it is no mistake of the client's. */
  readonly fromHook?: boolean;
  /** Most rows that columns of a client may become, where each is an object. @default any number */
  readonly maxRows?: number;
  /** True once somebody asked for the view that the content does not have of itself. */
  readonly isDerivedAsked?: boolean;
  /** Makes the view that the content does not have of itself, which does not count as asked. @throws InferenceError as that view. */
  derive?(): void;
  /** Reads what is still text, in the view that it came in, or what columns are made of. @throws InferenceError as the views. */
  read?(view: ReadView): void;
  /** The text that rows came in; undefined for other content. @throws InferenceError as `rows`. */
  rowTexts?(): RowTexts | undefined;
  /** As V1 sees it: one JSON value a row. @throws InferenceError invalid_argument when there is no such view. */
  rows(): readonly JsonValue[];
  /** As V2 sees it: named columns. @throws InferenceError invalid_argument when there is no such view. */
  tensors(): readonly Tensor[];
}

/** The view that a content does not have of itself: made once, when it is asked for or before. */
export class DerivedView<View> {
  #isAsked = false;
  #view: View | undefined;
  #failure: InferenceError | undefined;

  /** True once somebody asked for it, whether it could be made or not. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** @throws what `derive` throws; an InferenceError each time, without trying again. */
  ask(derive: () => View): View {
    this.#isAsked = true;
    return this.#view ?? this.make(derive);
  }

  /** As `ask`, before somebody asks. */
  make(derive: () => View): View {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#view ??= derive();
    } catch (error) {
      if (InferenceError.isInstance(error)) this.#failure = error;
      throw error;
    }
    return this.#view;
  }
}
