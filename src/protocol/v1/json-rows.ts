import { InferenceError, invalidArgument } from "../../errors.ts";
import { rowsToTensors, type Side } from "../../inference/rows-and-tensors.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { readNumberArray } from "../../tensor/read-numbers.ts";
import { createTensor, type Tensor, type TensorSpec } from "../../tensor/tensor.ts";
import type { DerivedValues } from "../derived-values.ts";
import { inspectJson } from "../json/inspect-json.ts";
import { CLOSE_ARRAY, OPEN_ARRAY, skipSpace } from "../json/json-bytes.ts";
import type { Extent, JsonReader } from "../json/json-reader.ts";

export interface JsonRowsOptions {
  readonly side: Side;
  readonly specs: readonly TensorSpec[] | undefined;
  readonly maxRows: number;
  readonly maxElements: number;
}

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
  #tensors: readonly Tensor[] | undefined;

  constructor(reader: JsonReader, extent: Extent, options: JsonRowsOptions) {
    this.#reader = reader;
    this.#extent = extent;
    this.#options = options;
  }

  rows(): readonly JsonValue[] {
    this.#rows ??= this.#reader.parse(this.#extent, {
      maxItems: this.#options.maxRows,
      itemName: this.#options.side === "input" ? "instances" : "predictions",
    }) as readonly JsonValue[];
    return this.#rows;
  }

  tensors(): readonly Tensor[] {
    this.#tensors ??= this.tensorsAs(this.#options.specs);
    return this.#tensors;
  }

  tensorsAs(specs: readonly TensorSpec[] | undefined): readonly Tensor[] {
    return this.#readNumbers(specs) ?? rowsToTensors(this.rows(), this.#options.side, specs);
  }

  /** The one tensor of rows that are numbers or booleans; undefined where the rows must be built to know. */
  #readNumbers(specs: readonly TensorSpec[] | undefined): readonly Tensor[] | undefined {
    const { bytes, maxDepth } = this.#reader;
    const { side, maxRows, maxElements } = this.#options;
    const kind = kindOfFirst(bytes, this.#extent);
    if (kind === undefined || this.#rows !== undefined) return undefined;
    const spec = specs?.length === 1 ? specs[0] : specs?.find(({ name }) => name === `${side}-0`);
    const datatype = spec?.datatype ?? kind;
    if (datatype === "BYTES") return undefined;
    // Integers that FP64 would round need a declared datatype; the rule for rows says so, and names the row.
    if (spec === undefined && !inspectJson(bytes, this.#extent.start, this.#extent.end, { maxDepth }).plain) {
      return undefined;
    }
    const name = spec?.name ?? `${side}-0`;
    try {
      const { data, shape } = readNumberArray(bytes, this.#extent.start, { name, datatype, maxElements, maxDepth });
      if ((shape[0] ?? 0) > maxRows) {
        throw invalidArgument(`${shape[0]} instances are more than the limit of ${maxRows}`);
      }
      return fits(shape, spec) ? [createTensor(name, datatype, shape, data)] : undefined;
    } catch (error) {
      // The rule for rows finds the same fault and names the row.
      if (InferenceError.isInstance(error)) return undefined;
      throw error;
    }
  }
}

/** Datatype of an array's first scalar when it is a number or a boolean. */
function kindOfFirst(bytes: Uint8Array, { start, end }: Extent): "FP64" | "BOOL" | undefined {
  let i = start;
  while (bytes[i] === OPEN_ARRAY) i = skipSpace(bytes, i + 1, end);
  const byte = bytes[i] as number;
  if (byte === 0x74 || byte === 0x66) return "BOOL";
  const number = byte === 0x2d || (byte >= 0x30 && byte <= 0x39) || byte === 0x4e || byte === 0x49;
  return number && byte !== CLOSE_ARRAY ? "FP64" : undefined;
}

function fits(shape: readonly number[], spec: TensorSpec | undefined): boolean {
  if (spec === undefined) return true;
  if (shape.length !== spec.shape.length) return false;
  return shape.every((size, i) => spec.shape[i] === -1 || spec.shape[i] === size);
}
