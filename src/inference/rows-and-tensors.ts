import { invalidArgument } from "../errors.ts";
import { inSteps } from "../resumable.ts";
import type { Datatype } from "../tensor/datatype.ts";
import type { ByteElementsBudget } from "../tensor/elements/byte-elements-budget.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../tensor/json-value.ts";
import { SOME } from "../tensor/nested/nest-elements.ts";
import { flattenNested, isBase64Object, nestedRows } from "../tensor/nested/nested-array.ts";
import type { Tensor, TensorSpec } from "../tensor/tensor.ts";
import type { Steps } from "../turns.ts";

/** Which side of the model a content stands on: names `input-0` or `output-0`, `instances` or `predictions`. */
export type Side = "input" | "output";

const PLACE = { input: "instances", output: "predictions" } as const;

export interface RowsToTensorsOptions {
  /** The client's own word for its rows. @default `instances`, or `predictions` for outputs */
  readonly place?: string;
  /** Keys of a row, each of which becomes a tensor. @default any number */
  readonly maxTensors?: number;
  /** Counts BYTES elements before they are made. @default any number */
  readonly budget?: ByteElementsBudget | undefined;
}

/** The shape that rows of a tensor have: BYTES of [N, 1], as KServe's clients send text, are N bare values as those of [N]. */
export function bareShape(datatype: Datatype, shape: readonly number[]): readonly number[] {
  return datatype === "BYTES" && shape.length === 2 && shape[1] === 1 ? shape.slice(0, 1) : shape;
}

/** The tensor that values without a name become: the only declared one, else `input-0` or `output-0`, KServe's names. */
export function loneTensor(
  side: Side,
  specs: readonly TensorSpec[] | undefined,
): { readonly name: string; readonly spec: TensorSpec | undefined } {
  const spec = specs?.length === 1 ? specs[0] : specs?.find(({ name }) => name === `${side}-0`);
  return { name: spec?.name ?? `${side}-0`, spec };
}

/**
 * Rows → columns, the first conversion rule:
 *
 * | rows | columns |
 * | --- | --- |
 * | `{"b64": …}` | BYTES element |
 * | objects of the same keys | one tensor a key |
 * | numbers, strings, booleans, rectangular arrays | one tensor, `input-0` or `output-0`, or the only declared name |
 *
 * Datatypes come from `specs`, else numbers are FP64, booleans BOOL, strings BYTES; never from looking at the values.
 * @throws InferenceError invalid_argument that names the row.
 */
export function rowsToTensors(
  rows: readonly JsonValue[],
  side: Side,
  specs: readonly TensorSpec[] | undefined,
  { place = PLACE[side], maxTensors = Number.POSITIVE_INFINITY, budget }: RowsToTensorsOptions = {},
): readonly Tensor[] {
  const first = rows[0];
  if (first !== undefined && isJsonObject(first) && !isBase64Object(first)) {
    const { length } = Object.keys(first);
    if (length > maxTensors) {
      throw invalidArgument(
        `${place}[0]: ${length} keys are more than the limit of ${maxTensors} tensors (max_tensors)`,
      );
    }
    return objectsToTensors(rows, first, specs, { place, budget });
  }
  const { name, spec } = loneTensor(side, specs);
  if (rows.length === 0 && specs !== undefined && specs.length > 1) {
    return specs.map((empty) => flattenNested(empty.name, rows, empty, place, budget));
  }
  return [flattenNested(name, rows, spec, place, budget)];
}

function objectsToTensors(
  rows: readonly JsonValue[],
  first: JsonObject,
  specs: readonly TensorSpec[] | undefined,
  { place, budget }: Pick<RowsToTensorsOptions, "budget"> & { readonly place: string },
): readonly Tensor[] {
  const keys = Object.keys(first);
  if (keys.length === 0) throw invalidArgument(`${place}[0]: expected an object with a value for each tensor, got {}`);
  inSteps(rows, "keys", () => assertKeys(rows, first, keys, place));
  return keys.map((key) => {
    const column = inSteps(rows, `column ${key}`, () => columnOf(rows, key));
    const spec = specs?.find((candidate) => candidate.name === key);
    return flattenNested(key, column, spec, (index) => `${place}[${index}].${key}`, budget);
  });
}

function* assertKeys(
  rows: readonly JsonValue[],
  first: JsonObject,
  keys: readonly string[],
  place: string,
): Steps<void> {
  const some = Math.ceil(SOME / keys.length);
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] as JsonValue;
    if (!isJsonObject(row) || isBase64Object(row)) {
      throw invalidArgument(`${place}[${index}]: expected an object with the keys of ${place}[0]`);
    }
    const missing = keys.find((key) => !Object.hasOwn(row, key));
    if (missing !== undefined) throw invalidArgument(`${place}[${index}].${missing}: missing, ${place}[0] has it`);
    const extra = Object.keys(row).find((key) => !Object.hasOwn(first, key));
    if (extra !== undefined) throw invalidArgument(`${place}[${index}].${extra}: ${place}[0] has no such key`);
    if (index % some === some - 1) yield;
  }
}

function* columnOf(rows: readonly JsonValue[], key: string): Steps<readonly JsonValue[]> {
  const column: JsonValue[] = [];
  for (const row of rows) {
    column.push((row as JsonObject)[key] as JsonValue);
    if (column.length % SOME === 0) yield;
  }
  return column;
}

/**
 * Columns → rows: objects keyed by tensor name for inputs (a single nameless `input-0` gives bare rows); for answers one
 * output gives bare rows, several give objects.
 * @param maxRows objects at most: a few bytes of a column become as many objects as it has elements. @default any number
 * @throws InferenceError invalid_argument when the columns have no common first dimension, or more rows.
 */
export function tensorsToRows(tensors: readonly Tensor[], side: Side, maxRows?: number): readonly JsonValue[] {
  return joinColumns(tensors, side, (tensor) => bareRows(tensor, "text"), maxRows) as readonly JsonValue[];
}

/** As `tensorsToRows` for inputs, with BYTES elements as Uint8Array: what image schemas read. */
export function tensorsToByteRows(tensors: readonly Tensor[], maxRows?: number): readonly unknown[] {
  return joinColumns(tensors, "input", (tensor) => bareRows(tensor, "bytes"), maxRows);
}

function bareRows(tensor: Tensor, bytes: "text" | "bytes"): readonly unknown[] {
  return nestedRows(tensor, bytes, bareShape(tensor.datatype, tensor.shape));
}

function joinColumns(
  tensors: readonly Tensor[],
  side: Side,
  rowsOf: (tensor: Tensor) => readonly unknown[],
  maxRows = Number.POSITIVE_INFINITY,
): readonly unknown[] {
  const [first] = tensors;
  if (first === undefined) return [];
  const length = commonFirstDimension(tensors);
  if (length === undefined) {
    const shapes = tensors.map(({ name, shape }) => `'${name}' [${shape.join(",")}]`).join(", ");
    throw invalidArgument(`${side}s have no common first dimension and so no rows: ${shapes}`);
  }
  if (tensors.length === 1 && (side === "output" || first.name === "input-0")) return rowsOf(first);
  if (length > maxRows) {
    throw invalidArgument(`${side}s: ${length} rows are more than the limit of ${maxRows} (max_instances)`);
  }
  const columns = tensors.map((tensor) => [tensor.name, rowsOf(tensor)] as const);
  return inSteps(tensors, "records", () => toRecords(columns, length));
}

function* toRecords(
  columns: readonly (readonly [string, readonly unknown[]])[],
  length: number,
): Steps<readonly unknown[]> {
  const some = Math.ceil(SOME / columns.length);
  const records: unknown[] = [];
  for (let row = 0; row < length; row++) {
    records.push(Object.fromEntries(columns.map(([name, values]) => [name, values[row]])));
    if (row % some === some - 1) yield;
  }
  return records;
}

/** The first dimension when all tensors share it, else undefined (a scalar has none). */
export function commonFirstDimension(tensors: readonly Tensor[]): number | undefined {
  const length = tensors[0]?.shape[0];
  return tensors.every(({ shape }) => shape[0] === length) ? length : undefined;
}
