import { type InferenceError, invalidArgument } from "../errors.ts";
import { DATATYPES, type Datatype, type TensorData } from "./datatype.ts";
import { describeValue } from "./describe-value.ts";
import { describeBase64Fault } from "./elements/base64-decoder.ts";
import type { ByteElementsBudget } from "./elements/byte-elements-budget.ts";
import { type ElementRule, isBase64Object, ruleOf, UNDECLARED_NUMBER } from "./elements/element-rules.ts";
import type { JsonValue } from "./json-value.ts";
import { elementCount, formatShape, MAX_RANK } from "./shape.ts";
import { createTensor, type Tensor, type TensorSpec } from "./tensor.ts";

/** Where a row stands in the client's own words: `instances` stands for `instances[3]`. */
export type RowPlace = string | ((index: number) => string);

/**
 * Stacks rows into one tensor of shape `[rows.length, …shape of a row]`. The datatype is the declared one, else FP64 for
 * numbers, BOOL for booleans and BYTES for strings and `{"b64"}`, whatever the values are. A declared shape counts the
 * rows as its first dimension; bare values also fit a declared `[-1, 1]`.
 * @throws InferenceError invalid_argument that names the row: a value that does not fit the datatype exactly (floats are
 * rounded, but never to infinity), ragged or mixed rows, more BYTES elements than the budget holds, an integer beyond 2^53 without a declared datatype, another shape than the declared.
 */
export function flattenNested(
  name: string,
  rows: readonly JsonValue[],
  spec: TensorSpec | undefined,
  place: RowPlace,
  budget?: ByteElementsBudget,
): Tensor {
  const at = typeof place === "string" ? (index: number) => `${place}[${index}]` : place;
  const { shape, leaf } = shapeOf(rows, at);
  const { datatype, rule } = elementsOf(leaf, spec, at);
  if (rows.length === 0 && spec !== undefined) shape.push(...spec.shape.slice(1).map((size) => Math.max(size, 0)));
  assertRectangular(rows, shape, at);
  const declared = spec === undefined ? shape : fitShape(name, shape, spec.shape);
  const count = elementCount(shape);
  if (datatype === "BYTES") budget?.take(name, count);
  const data = DATATYPES[datatype].create(count);
  fill(data, rows, shape.length, rule, at);
  return createTensor(name, datatype, declared, data);
}

/** Shape as the first row says it, and the first value that is no array. */
function shapeOf(rows: readonly JsonValue[], at: (index: number) => string): { shape: number[]; leaf?: JsonValue } {
  const shape = [rows.length];
  let value: JsonValue | undefined = rows[0];
  while (Array.isArray(value)) {
    if (shape.length === MAX_RANK) throw invalidArgument(`${at(0)}: nested deeper than ${MAX_RANK} arrays`);
    shape.push(value.length);
    value = value[0] as JsonValue | undefined;
  }
  return value === undefined ? { shape } : { shape, leaf: value };
}

function elementsOf(
  leaf: JsonValue | undefined,
  spec: TensorSpec | undefined,
  at: (index: number) => string,
): { datatype: Datatype; rule: ElementRule } {
  if (spec !== undefined) return { datatype: spec.datatype, rule: ruleOf(spec.datatype) };
  if (leaf === undefined || typeof leaf === "number" || typeof leaf === "bigint") {
    return { datatype: "FP64", rule: UNDECLARED_NUMBER };
  }
  if (typeof leaf === "boolean") return { datatype: "BOOL", rule: ruleOf("BOOL") };
  if (typeof leaf === "string" || isBase64Object(leaf)) return { datatype: "BYTES", rule: ruleOf("BYTES") };
  throw invalidArgument(
    `${at(0)}: expected numbers, booleans, strings, {"b64": base64} or arrays of them, got ${describeValue(leaf)}`,
  );
}

/** Walks the arrays alone, so that nothing is allocated for rows that only claim to be large. */
function assertRectangular(rows: readonly JsonValue[], shape: readonly number[], at: (index: number) => string): void {
  const path: number[] = [];
  const check = (values: readonly JsonValue[], level: number): void => {
    if (level === shape.length) return;
    const size = shape[level] as number;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as JsonValue;
      if (!Array.isArray(value) || value.length !== size) {
        path[level - 1] = i;
        path.length = level;
        const like = path.some((index) => index > 0) ? ` as ${at(0)}${"[0]".repeat(level - 1)} is` : "";
        throw invalidArgument(
          `${locate(path, at)}: expected ${describeValue(new Array(size))}${like}, got ${describeValue(value)}`,
        );
      }
      path[level - 1] = i;
      check(value, level + 1);
    }
  };
  check(rows, 1);
}

function fill(
  data: TensorData,
  rows: readonly JsonValue[],
  rank: number,
  rule: ElementRule,
  at: (index: number) => string,
): void {
  const path: number[] = [];
  let next = 0;
  const visit = (values: readonly JsonValue[], level: number): void => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as JsonValue;
      if (level < rank) {
        path[level - 1] = i;
        visit(value as readonly JsonValue[], level + 1);
      } else if (!rule.set(data, next++, value)) {
        path[level - 1] = i;
        throw refusedElement(locate(path, at), rule, value);
      }
    }
  };
  visit(rows, 1);
}

function locate(path: readonly number[], at: (index: number) => string): string {
  const [row, ...inner] = path;
  return `${at(row as number)}${inner.map((index) => `[${index}]`).join("")}`;
}

function fitShape(name: string, shape: readonly number[], declared: readonly number[]): readonly number[] {
  const column = shape.length === 1 && declared.length > 1 && declared.slice(1).every((size) => size === 1);
  const got = column ? [...shape, ...declared.slice(1)] : shape;
  const fits = got.length === declared.length && got.every((size, i) => declared[i] === -1 || declared[i] === size);
  if (fits) return got;
  throw invalidArgument(`'${name}': expected shape ${formatShape(declared)}, got ${formatShape(shape)}`);
}

function refusedElement(place: string, rule: ElementRule, value: JsonValue): InferenceError {
  const isBadBase64 = rule === ruleOf("BYTES") && isBase64Object(value);
  const fault = isBadBase64 ? `${describeBase64Fault(value.b64)}, in b64` : `got ${describeValue(value)}`;
  return invalidArgument(`${place}: expected ${rule.expected}, ${fault}`);
}
