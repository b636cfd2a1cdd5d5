import { Buffer } from "node:buffer";
import { commonFirstDimension } from "../../inference/rows-and-tensors.ts";
import { formatJson } from "../../json/format-json.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { toNested } from "../../tensor/nested-array.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { formatElements, formatRows } from "../../tensor/write-numbers.ts";
import type { BodyWriter } from "../body-writer.ts";

/** True when the tensors can be laid out as rows: they have a first dimension, and it is the same. */
export function haveRows(tensors: readonly Tensor[]): boolean {
  return tensors.length > 0 && commonFirstDimension(tensors) !== undefined;
}

/** Tensors that have rows, as V1's row form: bare values for one tensor, objects by name for several. */
export function writeRows(writer: BodyWriter, tensors: readonly Tensor[]): void {
  const [only] = tensors;
  if (tensors.length === 1 && only !== undefined) {
    writeTensor(writer, only);
    return;
  }
  const columns = tensors.map((tensor) => ({ key: `${JSON.stringify(tensor.name)}:`, texts: rowTexts(tensor) }));
  const length = only?.shape[0] ?? 0;
  writer.text("[");
  for (let row = 0; row < length; row++) {
    columns.forEach(({ key, texts }, index) => {
      writer.text(`${index > 0 ? "," : row > 0 ? ",{" : "{"}${key}`);
      writer.text(texts(row));
    });
    writer.text("}");
  }
  writer.text("]");
}

/** Tensors as V1's columnar form: the bare value for one, an object by name for several. */
export function writeColumns(writer: BodyWriter, tensors: readonly Tensor[], named: boolean): void {
  const [only] = tensors;
  if (!named && tensors.length === 1 && only !== undefined) {
    writeTensor(writer, only);
    return;
  }
  tensors.forEach((tensor, index) => {
    writer.text(`${index === 0 ? "{" : ","}${JSON.stringify(tensor.name)}:`);
    writeTensor(writer, tensor);
  });
  writer.text(tensors.length === 0 ? "{}" : "}");
}

/** One tensor nested as its shape is; BYTES as text where they are UTF-8, else `{"b64"}`. */
export function writeTensor(writer: BodyWriter, tensor: Tensor): void {
  if (tensor.datatype === "BYTES") writer.text(formatJson(toNested(tensor)));
  else writer.bytes(formatElements(tensor, "nested"));
}

function rowTexts(tensor: Tensor): (row: number) => string {
  if (tensor.datatype === "BYTES") {
    const rows = toNested(tensor) as readonly JsonValue[];
    return (row) => formatJson(rows[row] as JsonValue);
  }
  const { text, offsets } = formatRows(tensor);
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  return (row) => buffer.toString("latin1", offsets[row], offsets[row + 1]);
}
