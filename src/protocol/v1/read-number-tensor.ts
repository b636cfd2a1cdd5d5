import { InferenceError } from "../../errors.ts";
import { OPEN_ARRAY, skipSpace } from "../../json/json-bytes.ts";
import type { Extent, JsonReader } from "../../json/json-reader.ts";
import { inSteps } from "../../resumable.ts";
import { DATATYPES, type NumericData, type NumericDatatype } from "../../tensor/datatype.ts";
import { ruleOf } from "../../tensor/elements/element-rules.ts";
import { SOME } from "../../tensor/nested/nest-elements.ts";
import { readNumberArray, readNumberArrayInSteps } from "../../tensor/read-numbers.ts";
import { createTensor, type Tensor, type TensorSpec } from "../../tensor/tensor.ts";
import type { Steps } from "../../turns.ts";

/**
 * The tensor of an array of numbers, read straight from its text; undefined where the rule for rows has to decide: other
 * values, integers that FP64 would round and nobody declared, faults (which that rule names by row), other shapes.
 */
export function readNumberTensor(
  reader: JsonReader,
  extent: Extent,
  name: string,
  spec: TensorSpec | undefined,
  maxElements: number,
): Tensor | undefined {
  const { bytes, maxDepth } = reader;
  const datatype = spec?.datatype ?? "FP64";
  if (datatype === "BYTES" || datatype === "BOOL" || !beginsWithNumber(bytes, extent)) return undefined;
  try {
    const exactIntegers = spec === undefined;
    const options = { name, datatype, maxElements, maxDepth, exactIntegers };
    const read = reader.inTurns(datatype, extent, () => readNumberArrayInSteps(bytes, extent.start, options));
    const { data, shape, end } = read ?? readNumberArray(bytes, extent.start, options);
    if (end !== extent.end || !fits(shape, spec)) return undefined;
    return createTensor(name, datatype, shape, data);
  } catch (error) {
    if (InferenceError.isInstance(error)) return undefined;
    throw error;
  }
}

function beginsWithNumber(bytes: Uint8Array, { start, end }: Extent): boolean {
  let i = start;
  if (bytes[i] !== OPEN_ARRAY) return false;
  while (bytes[i] === OPEN_ARRAY) i = skipSpace(bytes, i + 1, end);
  const byte = bytes[i] as number;
  return byte === 0x2d || (byte >= 0x30 && byte <= 0x39);
}

/** As `readNumberTensor` would read it under a declaration, of what was read without one. */
export function declareNumbers(
  { shape, data }: Tensor<"FP64">,
  name: string,
  spec: TensorSpec | undefined,
): Tensor | undefined {
  if (spec === undefined) return createTensor(name, "FP64", shape, data);
  const { datatype } = spec;
  if (datatype === "BYTES" || datatype === "BOOL" || !fits(shape, spec)) return undefined;
  const declared = inSteps(data, `declared ${datatype}`, () => declare(data, datatype));
  return declared && createTensor(name, datatype, shape, declared);
}

function* declare(data: Float64Array, datatype: NumericDatatype): Steps<NumericData | undefined> {
  const { set } = ruleOf(datatype);
  const declared = DATATYPES[datatype].create(data.length) as NumericData;
  for (let i = 0; i < data.length; i++) {
    if (!set(declared, i, data[i] as number)) return undefined;
    if (i % SOME === SOME - 1) yield;
  }
  return declared;
}

function fits(shape: readonly number[], spec: TensorSpec | undefined): boolean {
  if (spec === undefined) return true;
  if (shape.length !== spec.shape.length) return false;
  return shape.every((size, i) => spec.shape[i] === -1 || spec.shape[i] === size);
}
