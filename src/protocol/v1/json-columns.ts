import type { DerivedValues } from "../../convert/derived-values.ts";
import { invalidArgument } from "../../errors.ts";
import { loneTensor, type Side, tensorsToRows } from "../../inference/rows-and-tensors.ts";
import { DerivedView } from "../../inference/values.ts";
import { OPEN_OBJECT } from "../../json/json-bytes.ts";
import type { Extent, JsonReader } from "../../json/json-reader.ts";
import { remember } from "../../resumable.ts";
import { ByteElementsBudget } from "../../tensor/elements/byte-elements-budget.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { flattenNested, isBase64Object } from "../../tensor/nested/nested-array.ts";
import { createTensor, type Tensor, type TensorSpec } from "../../tensor/tensor.ts";
import { assertElements } from "./assert-elements.ts";
import { readNumberTensor } from "./read-number-tensor.ts";

/** One column's text; a lone one has no name. */
export interface Column {
  readonly name?: string;
  readonly extent: Extent;
}

export interface JsonColumnsOptions {
  readonly side: Side;
  readonly specs: readonly TensorSpec[] | undefined;
  readonly maxElements: number;
  readonly maxRows: number;
}

interface Where {
  readonly place: string;
  readonly budget: ByteElementsBudget;
}

/** V1's columnar `inputs` or `outputs`: an object of tensors by name, or one tensor without a name. */
export class JsonColumns implements DerivedValues {
  readonly native = "tensors";
  readonly #reader: JsonReader;
  readonly #columns: readonly Column[];
  readonly #options: JsonColumnsOptions;
  readonly #rows = new DerivedView<readonly JsonValue[]>();
  #tensors: readonly Tensor[] | undefined;

  get maxRows(): number {
    return this.#options.maxRows;
  }

  constructor(reader: JsonReader, columns: readonly Column[], options: JsonColumnsOptions) {
    this.#reader = reader;
    this.#columns = columns;
    this.#options = options;
  }

  get isDerivedAsked(): boolean {
    return this.#rows.isAsked;
  }

  derive(): void {
    this.#rows.make(() => this.#toRows());
  }

  read(): void {
    this.tensors();
  }

  rows(): readonly JsonValue[] {
    return this.#rows.ask(() => this.#toRows());
  }

  #toRows(): readonly JsonValue[] {
    return tensorsToRows(this.tensors(), this.#options.side, this.maxRows);
  }

  tensors(): readonly Tensor[] {
    this.#tensors ??= this.tensorsAs(this.#options.specs);
    return this.#tensors;
  }

  tensorsAs(specs: readonly TensorSpec[] | undefined): readonly Tensor[] {
    const { side } = this.#options;
    const budget = new ByteElementsBudget(this.#options.maxElements);
    return this.#columns.map(({ name: key, extent }) => {
      const { name, spec } = key === undefined ? loneTensor(side, specs) : named(key, specs);
      return this.#read(name, extent, spec, { place: key === undefined ? `${side}s` : `${side}s.${key}`, budget });
    });
  }

  #read(name: string, extent: Extent, spec: TensorSpec | undefined, where: Where): Tensor {
    const { maxElements } = this.#options;
    const tensor = readNumberTensor(this.#reader, extent, name, spec, maxElements);
    return tensor ?? assertElements(this.#readNested(name, this.#reader.parse(extent), spec, where), maxElements);
  }

  #readNested(name: string, value: JsonValue, spec: TensorSpec | undefined, { place, budget }: Where): Tensor {
    if (Array.isArray(value)) return flattenNested(name, value, spec, place, budget);
    const scalar = spec?.shape.length === 0 ? { ...spec, shape: [1] } : spec;
    // In turns a long text is found again by the array that it stands in.
    const alone = remember(this, `alone ${place}`, () => [value]);
    const { datatype, data } = flattenNested(name, alone, scalar, () => place, budget);
    return createTensor(name, datatype, [], data);
  }
}

function named(name: string, specs: readonly TensorSpec[] | undefined): ReturnType<typeof loneTensor> {
  return { name, spec: specs?.find((spec) => spec.name === name) };
}

/** Walks columns and says where each one stands. @throws InferenceError invalid_argument for more than `maxTensors`. */
export function locateColumns(reader: JsonReader, key: string, maxTensors: number): readonly Column[] {
  if (reader.peek() !== OPEN_OBJECT) return [{ extent: reader.skip() }];
  const columns: Column[] = [];
  const extent = reader.skip();
  reader.seek(extent);
  reader.object(key, (name) => {
    if (columns.length === maxTensors)
      throw invalidArgument(`${key}: more than the limit of ${maxTensors} tensors (max_tensors)`);
    columns.push({ name, extent: reader.skip() });
  });
  const isBytes = columns.length === 1 && columns[0]?.name === "b64" && isBase64Object(reader.parse(extent));
  return isBytes ? [{ extent }] : columns;
}
