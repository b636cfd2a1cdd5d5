import { inSteps } from "../../resumable.ts";
import { finish, type Steps } from "../../turns.ts";
import { DATATYPES, type Datatype, isDatatype, type TensorData } from "../datatype.ts";
import { describeValue } from "../describe-value.ts";
import { SOME } from "../nested/nest-elements.ts";
import { assertShape, elementCount, formatShape } from "../shape.ts";
import { authorsFault } from "./authors-fault.ts";

/**
 * Checks that the elements are of the datatype's own class: another array's bytes would be sent as other numbers.
 * @throws InferenceError internal that names the tensor and says what to write.
 */
export function assertData(name: string, datatype: Datatype, data: unknown): void {
  const { array } = DATATYPES[datatype];
  if (datatype !== "BYTES") {
    if (arrayClass(data) !== array) {
      throw authorsFault(
        `tensor '${name}': ${datatype} takes a ${array}, got ${describeData(data)}; ${isPromise(data) ? "write await before it" : hint(datatype)}`,
      );
    }
    return;
  }
  if (!Array.isArray(data)) {
    throw authorsFault(
      `tensor '${name}': BYTES takes an array of Uint8Array, got ${describeData(data)}; ${hint("BYTES")}`,
    );
  }
  if (data.length <= SOME) finish(checkBytes(name, data));
  else inSteps(data, "elements checked", () => checkBytes(name, data));
}

/** A million take 25 to 35 ms, as each is another place in memory. */
function* checkBytes(name: string, data: readonly unknown[]): Steps<void> {
  const { array } = DATATYPES.BYTES;
  for (let i = 0; i < data.length; i++) {
    if (arrayClass(data[i]) !== array) {
      throw authorsFault(
        `tensor '${name}': BYTES takes an array of Uint8Array, got ${describeData(data[i])} as element ${i}; ${hint("BYTES")}`,
      );
    }
    if (i % SOME === SOME - 1) yield;
  }
}

/**
 * Checks what a hook made: datatype, shape, class and number of the elements.
 * @throws InferenceError internal that names the tensor, what was expected and what came.
 */
export function assertElements(name: string, datatype: Datatype, shape: readonly number[], data: TensorData): void {
  assertHead(name, datatype, shape);
  assertData(name, datatype, data);
  const expected = elementCount(shape);
  if (data.length !== expected) {
    throw authorsFault(`tensor '${name}': shape ${formatShape(shape)} takes ${expected} elements, got ${data.length}`);
  }
}

/** @throws InferenceError internal for a name, datatype or shape that are none. */
export function assertHead(name: unknown, datatype: unknown, shape: unknown): void {
  if (typeof name !== "string") throw authorsFault(`a tensor's name must be a string, got ${describeData(name)}`);
  if (!isDatatype(datatype)) {
    const known = Object.keys(DATATYPES).join(", ");
    throw authorsFault(`tensor '${name}': datatype must be one of ${known}, got ${describeData(datatype)}`);
  }
  try {
    assertShape(shape, name);
  } catch (error) {
    throw authorsFault((error as Error).message);
  }
}

/** Told by its tag and not by `instanceof`, since tests run in a realm of their own; a Buffer is a Uint8Array. */
function arrayClass(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null || !ArrayBuffer.isView(data)) return undefined;
  return (data as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag];
}

export function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** A value for messages to authors. */
export function describeData(value: unknown): string {
  const typed = arrayClass(value);
  if (typed !== undefined) return `a ${typed}`;
  if (isPromise(value)) return "a promise";
  return describeValue(value);
}

function hint(datatype: Datatype): string {
  switch (datatype) {
    case "BYTES":
      return "of text, write new TextEncoder().encode(text)";
    case "FP16":
      return "of numbers, write toFloat16Array(numbers)";
    case "BF16":
      return "of numbers, write toBfloat16Array(numbers)";
    case "BOOL":
      return "of booleans, write Uint8Array.from(booleans, Number)";
    case "INT64":
    case "UINT64":
      return `of numbers, write ${DATATYPES[datatype].array}.from(numbers, BigInt)`;
    default:
      return `of numbers, write ${DATATYPES[datatype].array}.from(numbers)`;
  }
}
