import { invalidArgument } from "../errors.ts";
import { DATATYPES, type NumericData, type NumericDatatype } from "./datatype.ts";
import { flattenNested } from "./flatten-nested.ts";
import type { JsonValue } from "./json-value.ts";

export interface ReadNumbersOptions {
  /** The tensor's name, for messages. */
  readonly name: string;
  readonly datatype: NumericDatatype;
  /** How many elements there must be, where that is known. */
  readonly count?: number;
  readonly maxElements: number;
  readonly maxDepth: number;
}

export interface NumbersRead {
  readonly data: NumericData;
  /** Sizes of the nested arrays, outermost first. */
  readonly shape: readonly number[];
  /** Where the text after them begins. */
  readonly end: number;
}

/**
 * Reads a JSON array of numbers or booleans, flat or nested rectangularly, that begins with `[` at `bytes[start]`.
 * @throws InferenceError invalid_argument
 */
export function readNumberArray(bytes: Uint8Array, start: number, options: ReadNumbersOptions): NumbersRead {
  let depth = 0;
  let end = start;
  do {
    if (bytes[end] === 0x5b) depth++;
    if (bytes[end] === 0x5d) depth--;
    end++;
  } while (depth > 0 && end < bytes.length);
  const rows = parse(bytes, start, end);
  const shape: number[] = [];
  for (let value: JsonValue | undefined = rows; Array.isArray(value); value = value[0]) shape.push(-1);
  const tensor = flattenNested(
    options.name,
    rows,
    { name: options.name, datatype: options.datatype, shape },
    options.name,
  );
  if (options.count !== undefined && tensor.data.length !== options.count) {
    throw invalidArgument(`tensor '${options.name}': expected ${options.count} elements, got ${tensor.data.length}`);
  }
  return { data: tensor.data as NumericData, shape: tensor.shape, end };
}

/** Reads one number or boolean at `bytes[start]`; its shape is []. */
export function readNumber(
  bytes: Uint8Array,
  start: number,
  options: Pick<ReadNumbersOptions, "name" | "datatype">,
): NumbersRead {
  let end = start;
  while (end < bytes.length && /[\w.+-]/.test(String.fromCharCode(bytes[end] as number))) end++;
  return { data: DATATYPES[options.datatype].create(1) as NumericData, shape: [], end };
}

function parse(bytes: Uint8Array, start: number, end: number): JsonValue[] {
  const text = Buffer.from(bytes.subarray(start, end)).toString();
  try {
    return JSON.parse(text) as JsonValue[];
  } catch (cause) {
    throw invalidArgument("malformed JSON", cause);
  }
}
