import type { JsonValue } from "../tensor/json-value.ts";
import type { Tensor, TensorSpec } from "../tensor/tensor.ts";
import { rowsToTensors, type Side, tensorsToRows } from "./rows-and-tensors.ts";
import type { Values } from "./values.ts";

/** Content made as rows; columns are derived when asked for. */
export class RowValues implements Values {
  readonly native = "rows";
  readonly #rows: readonly JsonValue[];
  readonly #side: Side;
  readonly #specs: readonly TensorSpec[] | undefined;
  #tensors: readonly Tensor[] | undefined;

  constructor(rows: readonly JsonValue[], side: Side, specs?: readonly TensorSpec[]) {
    this.#rows = rows;
    this.#side = side;
    this.#specs = specs;
  }

  rows(): readonly JsonValue[] {
    return this.#rows;
  }

  tensors(): readonly Tensor[] {
    this.#tensors ??= rowsToTensors(this.#rows, this.#side, this.#specs);
    return this.#tensors;
  }
}

/** Content made as columns; rows are derived when asked for. */
export class TensorValues implements Values {
  readonly native = "tensors";
  readonly #tensors: readonly Tensor[];
  readonly #side: Side;
  #rows: readonly JsonValue[] | undefined;

  constructor(tensors: readonly Tensor[], side: Side) {
    this.#tensors = tensors;
    this.#side = side;
  }

  rows(): readonly JsonValue[] {
    this.#rows ??= tensorsToRows(this.#tensors, this.#side);
    return this.#rows;
  }

  tensors(): readonly Tensor[] {
    return this.#tensors;
  }
}
