import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { invalidArgument } from "../../errors.ts";
import { DATATYPES, type Datatype, type TensorData } from "../../tensor/datatype.ts";
import { fromRawBytes } from "../../tensor/elements/raw-elements.ts";
import { elementCount, formatShape } from "../../tensor/shape.ts";
import { CONTENTS_FIELDS, contentsFieldName } from "./contents-fields.ts";
import { countElements, fillElements } from "./packed-elements.ts";

/** Elements of one field that follow each other without a tag: a packed field, or one element of an unpacked one. */
type VisitRun = (bytes: Uint8Array, start: number, end: number) => void;

/**
 * A reader of a tensor's elements in `InferTensorContents`. They are counted against the shape at once, before memory is
 * taken; packed floats at an offset that suits them are viewed, others copied once.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function prepareContents(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  contents: readonly Uint8Array[],
): () => TensorData {
  const { contents: wanted, kind } = DATATYPES[datatype];
  const field = wanted === undefined ? undefined : CONTENTS_FIELDS[wanted];
  const visitAll = (visit: VisitRun): void => {
    for (const part of contents) visitRuns(part, name, datatype, field?.number ?? 0, visit);
  };
  let found = 0;
  let runs = 0;
  let only: Uint8Array | undefined;
  visitAll((bytes, start, end) => {
    found += countElements(datatype, bytes, start, end);
    runs++;
    only = runs === 1 && kind === "float" ? bytes.subarray(start, end) : undefined;
  });
  assertCount(name, datatype, shape, found, field?.name);
  const packed = only;
  if (packed !== undefined) return () => fromRawBytes(name, datatype, shape, packed).data;
  return () => {
    const data = DATATYPES[datatype].create(found);
    let at = 0;
    visitAll((bytes, start, end) => {
      at = fillElements(data, at, datatype, name, bytes, start, end);
    });
    return data;
  };
}

/** @throws InferenceError invalid_argument when the contents do not hold as many elements as the shape takes. */
function assertCount(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  found: number,
  field: string | undefined,
): void {
  const expected = elementCount(shape);
  if (field === undefined && expected > 0) {
    throw invalidArgument(`tensor '${name}': ${datatype} has no typed contents, expected it in raw contents`);
  }
  if (found !== expected) {
    throw invalidArgument(
      `tensor '${name}': shape ${formatShape(shape)} takes ${expected} ${field} elements, got ${found}`,
    );
  }
}

function visitRuns(part: Uint8Array, name: string, datatype: Datatype, wanted: number, visit: VisitRun): void {
  const reader = new BinaryReader(part);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const start = reader.pos;
    if (field !== wanted) {
      const skipped = reader.skip(type, field);
      const other = contentsFieldName(field);
      const empty = type === WireType.LengthDelimited && skipped.length === 1 && field !== 8;
      if (other !== undefined && !empty) throw wrongField(name, datatype, wanted, other);
    } else if (type === WireType.LengthDelimited) {
      const bytes = reader.bytes();
      visit(part, reader.pos - bytes.length, reader.pos);
    } else {
      reader.skip(type, field);
      if (type === wireTypeOf(datatype)) visit(part, start, reader.pos);
    }
  }
}

function wrongField(name: string, datatype: Datatype, wanted: number, got: string): Error {
  const expected = contentsFieldName(wanted) ?? "raw contents";
  return invalidArgument(`tensor '${name}': ${datatype} takes ${expected}, got ${got}`);
}

/** How one element of an unpacked field is written. */
function wireTypeOf(datatype: Datatype): WireType {
  if (datatype === "FP32") return WireType.Bit32;
  if (datatype === "FP64") return WireType.Bit64;
  return datatype === "BYTES" ? WireType.LengthDelimited : WireType.Varint;
}
