import { invalidArgument } from "../../errors.ts";
import { DATATYPES, type Datatype, type TensorData } from "../../tensor/datatype.ts";
import { fromRawBytes } from "../../tensor/elements/raw-elements.ts";
import { elementCount, formatShape } from "../../tensor/shape.ts";
import type { Steps } from "../../turns.ts";
import { CONTENTS_FIELDS } from "./contents-fields.ts";
import { ContentsRuns } from "./contents-runs.ts";
import { countElements, fillElements } from "./packed-elements.ts";

/**
 * A reader of a tensor's elements in `InferTensorContents`, which reads in steps. They are counted against the shape first, before
 * memory is taken; packed floats at an offset that suits them are viewed, others copied once.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function* prepareContents(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  contents: readonly Uint8Array[],
): Steps<() => Steps<TensorData>> {
  const { contents: wanted, kind } = DATATYPES[datatype];
  const field = wanted === undefined ? undefined : CONTENTS_FIELDS[wanted];
  const open = () => new ContentsRuns(contents, name, datatype, field?.number ?? 0);
  let found = 0;
  const counted = open();
  const count = (bytes: Uint8Array, start: number, end: number): void => {
    found += countElements(datatype, bytes, start, end);
  };
  while (counted.advance(count)) yield;
  assertCount(name, datatype, shape, found, field?.name);
  const packed = kind === "float" && counted.whole === 1 ? counted.last : undefined;
  return function* () {
    if (packed !== undefined) return fromRawBytes(name, datatype, shape, packed).data;
    const data = DATATYPES[datatype].create(found);
    const runs = open();
    let at = 0;
    const fill = (bytes: Uint8Array, start: number, end: number): void => {
      at = fillElements(data, at, datatype, name, bytes, start, end);
    };
    while (runs.advance(fill)) yield;
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
