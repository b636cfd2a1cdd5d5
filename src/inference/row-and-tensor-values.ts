import { describeData, isPromise } from "../tensor/elements/assert-elements.ts";
import { authorsFault } from "../tensor/elements/authors-fault.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import { LookupTensor } from "../tensor/lookup-tensor.ts";
import type { Tensor, TensorSpec } from "../tensor/tensor.ts";
import { blameHook } from "./checks/blame.ts";
import { rowsToTensors, type Side, tensorsToRows } from "./rows-and-tensors.ts";
import { DerivedView, type Values } from "./values.ts";

/**
 * Content that a hook made as rows; columns are derived when asked for.
 * @throws InferenceError internal for what are no rows of JSON values.
 */
export class RowValues implements Values {
  readonly native = "rows";
  readonly fromHook = true;
  readonly #rows: readonly JsonValue[];
  readonly #side: Side;
  readonly #specs: readonly TensorSpec[] | undefined;
  readonly #tensors = new DerivedView<readonly Tensor[]>();

  constructor(rows: readonly JsonValue[], side: Side, specs?: readonly TensorSpec[]) {
    assertRows(rows, side);
    this.#rows = rows;
    this.#side = side;
    this.#specs = specs;
  }

  get isDerivedAsked(): boolean {
    return this.#tensors.isAsked;
  }

  derive(): void {
    this.#tensors.make(() => this.#toTensors());
  }

  rows(): readonly JsonValue[] {
    return this.#rows;
  }

  tensors(): readonly Tensor[] {
    return this.#tensors.ask(() => this.#toTensors());
  }

  #toTensors(): readonly Tensor[] {
    return blameHook(() => rowsToTensors(this.#rows, this.#side, this.#specs));
  }
}

/** Content that is columns; rows are derived when asked for. */
export class TensorValues implements Values {
  readonly native = "tensors";
  readonly fromHook: boolean;
  readonly #tensors: readonly Tensor[];
  readonly #side: Side;
  readonly maxRows: number;
  readonly #rows = new DerivedView<readonly JsonValue[]>();

  constructor(tensors: readonly Tensor[], side: Side, fromHook = false, maxRows: number = Number.POSITIVE_INFINITY) {
    this.#tensors = tensors;
    this.#side = side;
    this.fromHook = fromHook;
    this.maxRows = maxRows;
  }

  get isDerivedAsked(): boolean {
    return this.#rows.isAsked;
  }

  derive(): void {
    this.#rows.make(() => this.#toRows());
  }

  rows(): readonly JsonValue[] {
    return this.#rows.ask(() => this.#toRows());
  }

  tensors(): readonly Tensor[] {
    return this.#tensors;
  }

  read(): void {
    readElements(this.#tensors);
  }

  #toRows(): readonly JsonValue[] {
    if (!this.fromHook) return tensorsToRows(this.#tensors, this.#side, this.maxRows);
    readElements(this.#tensors);
    return blameHook(() => tensorsToRows(this.#tensors, this.#side));
  }
}

/**
 * Reads elements that are still bytes or text, so that their faults come under the name of whoever sent them and not as
 * faults of what is done with them.
 */
export function readElements(tensors: readonly Tensor[]): void {
  for (const tensor of tensors) if (!LookupTensor.isInstance(tensor)) void tensor.data;
}

/** Looks at the rows alone, not into them. */
function assertRows(rows: unknown, side: Side): asserts rows is readonly JsonValue[] {
  const what = side === "input" ? "withInstances" : "predictions";
  if (!Array.isArray(rows)) {
    const got = isPromise(rows)
      ? "a promise: write await before it"
      : `${describeData(rows)}${ArrayBuffer.isView(rows) ? ": write Array.from(…)" : ""}`;
    throw authorsFault(`${what}: expected an array of rows, got ${got}`);
  }
  for (let i = 0; i < rows.length; i++) {
    const row: unknown = rows[i];
    if (ArrayBuffer.isView(row)) {
      throw authorsFault(
        `${what}: row ${i} is a typed array, which JSON does not have: write Array.from(row), or withInputs for tensors`,
      );
    }
    if (isPromise(row))
      throw authorsFault(`${what}: row ${i} is a promise: write await Promise.all(rows) for an array of them`);
  }
}
