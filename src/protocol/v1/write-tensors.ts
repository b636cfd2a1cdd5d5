import { Buffer } from "node:buffer";
import { commonFirstDimension } from "../../inference/rows-and-tensors.ts";
import { formatJson } from "../../json/format-json.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { toNested } from "../../tensor/nested-array.ts";
import type { NonFiniteText } from "../../tensor/number-text/create-element-writer.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { formatElements, formatRows } from "../../tensor/write-numbers.ts";
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
  const columns = tensors.map((tensor) => ({
    key: `${JSON.stringify(tensor.name)}:`,
    texts: rowTexts(tensor, nonFinite),
  }));
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
  if (tensor.datatype === "BYTES") writer.text(formatJson(toNested(tensor)));
  else writer.bytes(formatElements(tensor, "nested", { pointed: true, nonFinite }));
}

function rowTexts(tensor: Tensor, nonFinite: NonFiniteText | undefined): (row: number) => string {
  if (tensor.datatype === "BYTES") {
    const rows = toNested(tensor) as readonly JsonValue[];
    return (row) => formatJson(rows[row] as JsonValue);
  }
  const { text, offsets } = formatRows(tensor, { pointed: true, nonFinite });
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  return (row) => buffer.toString("latin1", offsets[row], offsets[row + 1]);
}
