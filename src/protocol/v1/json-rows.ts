import type { DerivedValues } from "../../convert/derived-values.ts";
import { invalidArgument } from "../../errors.ts";
import { loneTensor, rowsToTensors, type Side } from "../../inference/rows-and-tensors.ts";
import { DerivedView, type ReadView, type RowTexts } from "../../inference/values.ts";
import { assertFewContainers, MAX_CONTAINERS } from "../../json/inspect-json.ts";
import type { Extent, JsonReader } from "../../json/json-reader.ts";
import { ByteElementsBudget } from "../../tensor/elements/byte-elements-budget.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { nestedRows } from "../../tensor/nested/nested-array.ts";
import type { Tensor, TensorSpec } from "../../tensor/tensor.ts";
import { assertElements } from "./assert-elements.ts";
import { declareNumbers, readNumberTensor } from "./read-number-tensor.ts";

export interface JsonRowsOptions {
  readonly side: Side;
  readonly specs: readonly TensorSpec[] | undefined;
  /** The member that holds the rows: `instances`, `predictions`, or `inputs`. */
  readonly place: string;
  readonly maxRows: number;
  readonly maxTensors: number;
  readonly maxElements: number;
}

/** So many are made at once, of so many numbers. */
const FEW_ROWS = 4096;
const FEW_NUMBERS = 256 * 1024;

/**
 * V1's rows over the text they came in. The rows are built when a reader asks for them; columns of numbers are read
 * straight from the text, without the rows.
 */
export class JsonRows implements DerivedValues {
  readonly native = "rows";
  readonly #reader: JsonReader;
  readonly #extent: Extent;
  readonly #options: JsonRowsOptions;
  #rows: readonly JsonValue[] | undefined;
  readonly #tensors = new DerivedView<readonly Tensor[]>();
  /** All rows as one tensor without a declaration, where they are numbers and were read ahead. */
  #numbers: Tensor<"FP64"> | undefined;

  constructor(reader: JsonReader, extent: Extent, options: JsonRowsOptions) {
    this.#reader = reader;
    this.#extent = extent;
    this.#options = options;
  }

  get isDerivedAsked(): boolean {
    return this.#tensors.isAsked;
  }

  derive(): void {
    this.#tensors.make(() => this.tensorsAs(this.#options.specs));
  }

  /** Numbers become a tensor, from which rows and columns are made faster than from text; the rest becomes rows. */
  read(view: ReadView): void {
    const numbers =
      this.#numbers ?? readNumberTensor(this.#reader, this.#extent, "", undefined, this.#options.maxElements);
    if (numbers === undefined) this.rows();
    else {
      this.#assertCount(numbers.shape[0] ?? 0);
      this.#numbers = numbers as Tensor<"FP64">;
      const isLittle = (numbers.shape[0] ?? 0) <= FEW_ROWS && numbers.data.length <= FEW_NUMBERS;
      if (view === "any" && !isLittle && arraysOf(numbers.shape) <= MAX_CONTAINERS) this.rows();
    }
  }

  rows(): readonly JsonValue[] {
    if (this.#rows === undefined && this.#numbers !== undefined) this.#rows = this.#numbersAsRows(this.#numbers);
    if (this.#rows === undefined) {
      const inspection = this.#reader.inspect(this.#extent);
      this.#assertCount(inspection.items);
      this.#rows = this.#reader.parse(this.#extent, inspection) as readonly JsonValue[];
    }
    return this.#rows;
  }

  #numbersAsRows(numbers: Tensor<"FP64">): readonly JsonValue[] {
    assertFewContainers(arraysOf(numbers.shape), this.#extent.start);
    return nestedRows(numbers, "text") as readonly JsonValue[];
  }

  rowTexts(): RowTexts {
    const { bytes } = this.#reader;
    const rows: Uint8Array[] = [];
    this.#reader.seek(this.#extent);
    this.#reader.array(this.#options.place, () => {
      const { start, end } = this.#reader.skip();
      rows.push(bytes.subarray(start, end));
    });
    return { before: bytes.subarray(0, this.#extent.start), rows, after: bytes.subarray(this.#extent.end) };
  }

  tensors(): readonly Tensor[] {
    return this.#tensors.ask(() => this.tensorsAs(this.#options.specs));
  }

  tensorsAs(specs: readonly TensorSpec[] | undefined): readonly Tensor[] {
    const { side, place, maxElements, maxTensors } = this.#options;
    if (this.#rows === undefined || this.#numbers !== undefined) {
      const { name, spec } = loneTensor(side, specs);
      const declared = this.#numbers && declareNumbers(this.#numbers, name, spec);
      if (declared !== undefined) return [declared];
      const tensor = this.#numbers ? undefined : readNumberTensor(this.#reader, this.#extent, name, spec, maxElements);
      if (tensor !== undefined) {
        this.#assertCount(tensor.shape[0] ?? 0);
        return [tensor];
      }
    }
    const tensors = rowsToTensors(this.rows(), side, specs, {
      place,
      maxTensors,
      budget: new ByteElementsBudget(maxElements),
    });
    return tensors.map((tensor) => assertElements(tensor, maxElements));
  }

  #assertCount(count: number): void {
    const { place, maxRows } = this.#options;
    if (count <= maxRows) return;
    throw invalidArgument(`${place}: ${count} rows are more than the limit of ${maxRows} (max_instances)`);
  }
}

/** Arrays of which the nested form consists. */
function arraysOf(shape: readonly number[]): number {
  let arrays = 1;
  let within = 1;
  for (const size of shape.slice(0, -1)) {
    within *= size;
    arrays += within;
  }
  return arrays;
}
