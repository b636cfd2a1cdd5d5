import { Buffer } from "node:buffer";
import { commonFirstDimension } from "../../inference/rows-and-tensors.ts";
import { formatJson } from "../../json/format-json.ts";
import { formatJsonParts } from "../../json/format-json-parts.ts";
import { inSteps } from "../../resumable.ts";
import { fitting } from "../../tensor/elements/format-long-bytes.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { FEW, SOME } from "../../tensor/nested/nest-elements.ts";
import { toNested } from "../../tensor/nested/nested-array.ts";
import type { NonFiniteText } from "../../tensor/number-text/create-element-writer.ts";
import { elementCount } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import {
  type FormatElementsOptions,
  formatElements,
  formatElementsInPieces,
  formatParts,
  formatRows,
  isShort,
  sliceElements,
} from "../../tensor/write-numbers.ts";
import type { Steps } from "../../turns.ts";
import type { BodyWriter } from "../body-writer.ts";

/** True when the tensors can be laid out as rows: they have a first dimension, and it is the same. */
export function haveRows(tensors: readonly Tensor[]): boolean {
  return tensors.length > 0 && commonFirstDimension(tensors) !== undefined;
}

/** Tensors that have rows, as V1's row form: bare values for one tensor, objects by name for several. */
export function writeRows(writer: BodyWriter, tensors: readonly Tensor[], nonFinite?: NonFiniteText): void {
  const [only] = tensors;
  if (tensors.length === 1 && only !== undefined) {
    writeTensor(writer, only, nonFinite);
    return;
  }
  const length = only?.shape[0] ?? 0;
  if (countOf(tensors) <= FEW && tensors.every(isShort)) writer.text(recordTexts(tensors, 0, length, nonFinite));
  else
    for (const part of inSteps(tensors, "records as text", () => recordParts(tensors, nonFinite))) writer.bytes(part);
}

/** A JSON value as `formatJson` writes it. */
export function writeJson(writer: BodyWriter, value: JsonValue, place?: string, nonFinite?: NonFiniteText): void {
  for (const part of formatJsonParts(value, place, nonFinite)) {
    if (typeof part === "string") writer.text(part);
    else writer.bytes(part);
  }
}

function countOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((count, { shape }) => count + elementCount(shape), 0);
}

/** Objects of so many rows at a time, with the brackets around all of them. */
function* recordParts(tensors: readonly Tensor[], nonFinite: NonFiniteText | undefined): Steps<readonly Uint8Array[]> {
  const length = tensors[0]?.shape[0] ?? 0;
  const some = Math.floor((SOME * length) / countOf(tensors));
  const texts = tensors.filter(({ datatype }) => datatype === "BYTES");
  const parts: Uint8Array[] = [];
  for (let from = 0; from < length; ) {
    parts.push(from === 0 ? OPEN : COMMA);
    let most = Math.min(some, length - from);
    for (const { data, shape } of texts) {
      const size = elementCount(shape.slice(1));
      most = fitting(data, from * size, size, most);
    }
    if (most === 0) yield* longRecord(tensors, from, nonFinite, parts);
    else parts.push(Buffer.from(recordTexts(tensors, from, from + most, nonFinite).slice(1, -1)));
    from += Math.max(1, most);
    yield;
  }
  parts.push(CLOSE);
  return parts;
}

const OPEN = Buffer.from("[");
const COMMA = Buffer.from(",");
const CLOSE = Buffer.from("]");

function* longRecord(
  tensors: readonly Tensor[],
  row: number,
  nonFinite: NonFiniteText | undefined,
  parts: Uint8Array[],
): Steps<void> {
  for (const [index, tensor] of tensors.entries()) {
    const shape = tensor.shape.slice(1);
    const first = row * elementCount(shape);
    const key = `${index === 0 ? "{" : ","}${JSON.stringify(tensor.name)}:`;
    if (tensor.datatype !== "BYTES" && shape.length === 0) {
      parts.push(Buffer.from(key + rowTexts(tensor, row, row + 1, nonFinite)(0)));
    } else {
      const part = sliceElements(tensor, first, shape);
      parts.push(Buffer.from(key), yield* formatParts(part, shape, formOf(nonFinite), first));
    }
    yield;
  }
  parts.push(Buffer.from("}"));
}

function recordTexts(
  tensors: readonly Tensor[],
  from: number,
  to: number,
  nonFinite: NonFiniteText | undefined,
): string {
  const columns = tensors.map((tensor) => ({
    key: `${JSON.stringify(tensor.name)}:`,
    texts: rowTexts(tensor, from, to, nonFinite),
  }));
  let text = "[";
  for (let row = 0; row < to - from; row++) {
    columns.forEach(({ key, texts }, index) => {
      text += `${index > 0 ? "," : row > 0 ? ",{" : "{"}${key}${texts(row)}`;
    });
    text += "}";
  }
  return `${text}]`;
}

/** Tensors as V1's columnar form: the bare value for one, an object by name for several. */
export function writeColumns(
  writer: BodyWriter,
  tensors: readonly Tensor[],
  { named, nonFinite }: { readonly named: boolean; readonly nonFinite?: NonFiniteText | undefined },
): void {
  const [only] = tensors;
  if (!named && tensors.length === 1 && only !== undefined) {
    writeTensor(writer, only, nonFinite);
    return;
  }
  tensors.forEach((tensor, index) => {
    writer.text(`${index === 0 ? "{" : ","}${JSON.stringify(tensor.name)}:`);
    writeTensor(writer, tensor, nonFinite);
  });
  writer.text(tensors.length === 0 ? "{}" : "}");
}

/**
 * One tensor nested as its shape is; BYTES as text where they are UTF-8, else `{"b64"}`. Floats keep their point, as Python
 * writes them: V1 has no datatypes, and numpy makes integers of `[255]`.
 */
export function writeTensor(writer: BodyWriter, tensor: Tensor, nonFinite?: NonFiniteText): void {
  const options = formOf(nonFinite);
  const pieces = formatElementsInPieces(tensor, "nested", options);
  if (pieces === undefined) writer.bytes(formatElements(tensor, "nested", options));
  else writer.pieces(pieces);
}

/** Written out: a spread costs a small response 2 µs. */
function formOf(nonFinite: NonFiniteText | undefined): FormatElementsOptions {
  return { pointed: true, bytes: "textOrB64", nonFinite };
}

/** The texts of the rows from `from` on. */
function rowTexts(
  tensor: Tensor,
  from: number,
  to: number,
  nonFinite: NonFiniteText | undefined,
): (row: number) => string {
  const isWhole = to - from === tensor.shape[0];
  const first = isWhole ? 0 : from * elementCount(tensor.shape.slice(1));
  const part = isWhole ? tensor : sliceElements(tensor, first, [to - from, ...tensor.shape.slice(1)]);
  if (tensor.datatype === "BYTES") {
    const rows = toNested(part) as readonly JsonValue[];
    return (row) => formatJson(rows[row] as JsonValue);
  }
  const { text, offsets } = formatRows(part, { pointed: true, nonFinite }, first);
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  return (row) => buffer.toString("latin1", offsets[row], offsets[row + 1]);
}
