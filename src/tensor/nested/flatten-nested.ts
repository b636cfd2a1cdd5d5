import { type InferenceError, invalidArgument } from "../../errors.ts";
import { inSteps } from "../../resumable.ts";
import { finish, type Steps } from "../../turns.ts";
import { DATATYPES, type Datatype, type TensorData } from "../datatype.ts";
import { describeValue } from "../describe-value.ts";
import { describeBase64Fault } from "../elements/base64-decoder.ts";
import type { ByteElementsBudget } from "../elements/byte-elements-budget.ts";
import { type ElementRule, isBase64Object, ruleOf, UNDECLARED_NUMBER } from "../elements/element-rules.ts";
import { encodeLongText, isLongText, type TextValue } from "../elements/long-text.ts";
import type { JsonValue } from "../json-value.ts";
import { elementCount, formatShape, MAX_RANK } from "../shape.ts";
import { createTensor, type Tensor, type TensorSpec } from "../tensor.ts";
import { FEW, SOME, weightsOf } from "./nest-elements.ts";

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
  // The shape is the first row's, and says nothing of the others yet.
  if (rows.length * (weightsOf(shape)[1] ?? 1) <= FEW) finish(assertRectangular(rows, shape, at));
  else inSteps(rows, "rectangular", () => assertRectangular(rows, shape, at));
  const declared = spec === undefined ? shape : fitShape(name, shape, spec.shape);
  const count = elementCount(shape);
  if (datatype === "BYTES") budget?.take(name, count);
  const fill = () => fillData(DATATYPES[datatype].create(count), rows, shape, rule, at);
  const isShort = count <= FEW && datatype !== "BYTES";
  const data = isShort
    ? finish(fill())
    : inSteps(rows, `filled as ${spec === undefined ? "undeclared" : datatype}`, fill);
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
function* assertRectangular(
  rows: readonly JsonValue[],
  shape: readonly number[],
  at: (index: number) => string,
): Steps<void> {
  const path: number[] = [];
  const check = (values: readonly JsonValue[], level: number, from: number, to: number): void => {
    if (level === shape.length) return;
    for (let i = from; i < to; i++) {
      enter(values, level, i);
      check(values[i] as readonly JsonValue[], level + 1, 0, shape[level] as number);
    }
  };
  const enter = (values: readonly JsonValue[], level: number, i: number): void => {
    const value = values[i] as JsonValue;
    const size = shape[level] as number;
    path[level - 1] = i;
    if (Array.isArray(value) && value.length === size) return;
    path.length = level;
    const like = path.some((index) => index > 0) ? ` as ${at(0)}${"[0]".repeat(level - 1)} is` : "";
    throw invalidArgument(
      `${locate(path, at)}: expected ${describeValue(new Array(size))}${like}, got ${describeValue(value)}`,
    );
  };
  yield* visitParts(rows, shape, 1, enter, check);
}

function* fillData(
  data: TensorData,
  rows: readonly JsonValue[],
  shape: readonly number[],
  rule: ElementRule,
  at: (index: number) => string,
): Steps<TensorData> {
  const path: number[] = [];
  const isBytes = Array.isArray(data);
  const long: { readonly index: number; readonly path: readonly number[]; readonly value: TextValue }[] = [];
  let next = 0;
  const visit = (values: readonly JsonValue[], level: number, from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const value = values[i] as JsonValue;
      if (level < shape.length) {
        path[level - 1] = i;
        const inner = value as readonly JsonValue[];
        visit(inner, level + 1, 0, inner.length);
      } else if (isBytes && isLongText(value)) {
        long.push({ index: next++, path: [...path.slice(0, level - 1), i], value });
      } else if (!rule.set(data, next++, value)) {
        path[level - 1] = i;
        throw refusedElement(locate(path, at), rule, value);
      }
    }
  };
  const enter = (_values: readonly JsonValue[], level: number, i: number): void => {
    path[level - 1] = i;
  };
  const parts = visitParts(rows, shape, 1, enter, visit);
  for (;;) {
    let failure: { readonly error: unknown } | undefined;
    let isDone: boolean | undefined;
    try {
      isDone = parts.next().done;
    } catch (error) {
      failure = { error };
    }
    // Long texts stand before what was refused behind them.
    for (const { index, path: place, value } of long.splice(0)) {
      const bytes = yield* encodeLongText(value);
      if (bytes === undefined) throw refusedElement(locate(place, at), rule, value);
      (data as Uint8Array[])[index] = bytes;
    }
    if (failure !== undefined) throw failure.error;
    if (isDone === true) return data;
    yield;
  }
}

/** Visits arrays in parts that take no long; arrays of more are entered one by one. */
function* visitParts(
  values: readonly JsonValue[],
  shape: readonly number[],
  level: number,
  enter: (values: readonly JsonValue[], level: number, index: number) => void,
  visit: (values: readonly JsonValue[], level: number, from: number, to: number) => void,
): Steps<void> {
  const inner = weightsOf(shape)[level] ?? 1;
  if (inner > SOME) {
    for (let i = 0; i < values.length; i++) {
      enter(values, level, i);
      yield* visitParts(values[i] as readonly JsonValue[], shape, level + 1, enter, visit);
    }
    return;
  }
  const some = Math.floor(SOME / inner);
  for (let from = 0; from < values.length; from += some) {
    visit(values, level, from, Math.min(values.length, from + some));
    yield;
  }
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
