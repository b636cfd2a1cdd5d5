import { invalidArgument } from "../../errors.ts";
import { type Side, tensorsToRows } from "../../inference/rows-and-tensors.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { flattenNested, isBase64Object } from "../../tensor/nested-array.ts";
import { createTensor, type Tensor, type TensorSpec } from "../../tensor/tensor.ts";
import type { DerivedValues } from "../derived-values.ts";
import { OPEN_OBJECT } from "../json/json-bytes.ts";
import type { Extent, JsonReader } from "../json/json-reader.ts";
import { readNumberTensor } from "./read-number-tensor.ts";

export interface JsonColumnsOptions {
  readonly side: Side;
  readonly specs: readonly TensorSpec[] | undefined;
  readonly maxTensors: number;
  readonly maxElements: number;
}

/** V1's columnar `inputs` or `outputs`: an object of tensors by name, or one tensor without a name. */
export class JsonColumns implements DerivedValues {
  readonly native = "tensors";
  readonly #reader: JsonReader;
  readonly #options: JsonColumnsOptions;
  /** Where each column stands; the name of a lone one is undefined. */
  readonly #columns: readonly (readonly [string | undefined, Extent])[];
  #rows: readonly JsonValue[] | undefined;
  #tensors: readonly Tensor[] | undefined;

  constructor(reader: JsonReader, extent: Extent, options: JsonColumnsOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#columns = locateColumns(reader, extent, options);
  }

  rows(): readonly JsonValue[] {
    this.#rows ??= tensorsToRows(this.tensors(), this.#options.side);
    return this.#rows;
  }

  tensors(): readonly Tensor[] {
    this.#tensors ??= this.tensorsAs(this.#options.specs);
    return this.#tensors;
  }

  tensorsAs(specs: readonly TensorSpec[] | undefined): readonly Tensor[] {
    const { side } = this.#options;
    return this.#columns.map(([key, extent]) => {
      const lone = key === undefined && specs?.length === 1 ? specs[0] : undefined;
      const spec = lone ?? specs?.find(({ name }) => name === (key ?? `${side}-0`));
      const name = key ?? spec?.name ?? `${side}-0`;
      return this.#read(name, extent, spec, key === undefined ? `${side}s` : `${side}s.${key}`);
    });
  }

  #read(name: string, extent: Extent, spec: TensorSpec | undefined, place: string): Tensor {
    const tensor = readNumberTensor(this.#reader, extent, name, spec, this.#options.maxElements);
    if (tensor !== undefined) return tensor;
    const value = this.#reader.parse(extent);
    if (Array.isArray(value)) return flattenNested(name, value, spec, place);
    const scalar = spec?.shape.length === 0 ? { ...spec, shape: [1] } : spec;
    const { datatype, data } = flattenNested(name, [value], scalar, () => place);
    return createTensor(name, datatype, [], data);
  }
}

function locateColumns(
  reader: JsonReader,
  extent: Extent,
  { side, maxTensors }: JsonColumnsOptions,
): readonly (readonly [string | undefined, Extent])[] {
  const lone = [[undefined, extent]] as const;
  if (reader.bytes[extent.start] !== OPEN_OBJECT) return lone;
  const columns: (readonly [string, Extent])[] = [];
  reader.seek(extent);
  reader.object(`${side}s`, (key) => {
    if (columns.length === maxTensors) throw invalidArgument(`${side}s: more than the limit of ${maxTensors} tensors`);
    columns.push([key, reader.skip()]);
  });
  const [first] = columns;
  return first?.[0] === "b64" && columns.length === 1 && isBase64Object(reader.parse(extent)) ? lone : columns;
}
