import { type Side, tensorsToRows } from "../../inference/rows-and-tensors.ts";
import { isJsonObject, type JsonValue } from "../../tensor/json-value.ts";
import { flattenNested, isBase64Object } from "../../tensor/nested-array.ts";
import { createTensor, type Tensor, type TensorSpec } from "../../tensor/tensor.ts";
import type { DerivedValues } from "../derived-values.ts";
import type { Extent, JsonReader } from "../json/json-reader.ts";

export interface JsonColumnsOptions {
  readonly side: Side;
  readonly specs: readonly TensorSpec[] | undefined;
}

/** V1's columnar `inputs` or `outputs`: an object of tensors by name, or one tensor without a name. */
export class JsonColumns implements DerivedValues {
  readonly native = "tensors";
  readonly #reader: JsonReader;
  readonly #extent: Extent;
  readonly #options: JsonColumnsOptions;
  #value: JsonValue | undefined;
  #rows: readonly JsonValue[] | undefined;
  #tensors: readonly Tensor[] | undefined;

  constructor(reader: JsonReader, extent: Extent, options: JsonColumnsOptions) {
    this.#reader = reader;
    this.#extent = extent;
    this.#options = options;
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
    this.#value ??= this.#reader.parse(this.#extent);
    const value = this.#value;
    const place = `${this.#options.side}s`;
    if (isJsonObject(value) && !isBase64Object(value)) {
      return Object.entries(value).map(([name, column]) =>
        toTensor(
          name,
          column as JsonValue,
          specs?.find((spec) => spec.name === name),
          `${place}.${name}`,
        ),
      );
    }
    const spec = specs?.length === 1 ? specs[0] : specs?.find(({ name }) => name === `${this.#options.side}-0`);
    return [toTensor(spec?.name ?? `${this.#options.side}-0`, value, spec, place)];
  }
}

function toTensor(name: string, value: JsonValue, spec: TensorSpec | undefined, place: string): Tensor {
  if (Array.isArray(value)) return flattenNested(name, value, spec, place);
  const scalar = spec?.shape.length === 0 ? { ...spec, shape: [1] } : spec;
  const { datatype, data } = flattenNested(name, [value], scalar, () => place);
  return createTensor(name, datatype, [], data);
}
