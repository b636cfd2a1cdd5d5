import { isParameterValue } from "../../convert/members-and-parameters.ts";
import { invalidArgument } from "../../errors.ts";
import { OPEN_OBJECT } from "../../json/json-bytes.ts";
import type { Extent, JsonReader } from "../../json/json-reader.ts";
import { assertDatatype, type Datatype } from "../../tensor/datatype.ts";
import { describeValue } from "../../tensor/describe-value.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { isJsonObject } from "../../tensor/json-value.ts";
import { assertShape } from "../../tensor/shape.ts";
import type { Parameters, ParameterValue } from "../../tensor/tensor.ts";
import { assertNoSharedMemory } from "../shared-memory.ts";

/** One entry of `inputs` or `outputs`, its elements unread. */
export interface TensorEntry {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** Without the wire controls. */
  readonly parameters: Parameters | undefined;
  /** Where `data` stands; undefined where it is absent or null. */
  readonly data: Extent | undefined;
  readonly binaryDataSize: number | undefined;
}

/** Which side reads: a client gets an error for what a predictor may write. */
export type Strictness = "strict" | "tolerant";

/**
 * Reads `inputs` or `outputs`: names, datatypes, shapes and parameters, and where the data is.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function readTensorEntries(
  reader: JsonReader,
  place: "inputs" | "outputs",
  maxTensors: number,
  strictness: Strictness,
): TensorEntry[] {
  const entries: TensorEntry[] = [];
  const names = new Set<string>();
  reader.array(place, (index) => {
    if (index >= maxTensors)
      throw invalidArgument(`${place}: more than the limit of ${maxTensors} tensors (max_tensors)`);
    const entry = readTensorEntry(reader, `${place}[${index}]`, strictness);
    if (names.has(entry.name)) throw invalidArgument(`${place}[${index}]: the name '${entry.name}' comes twice`);
    names.add(entry.name);
    entries.push(entry);
  });
  return entries;
}

function readTensorEntry(reader: JsonReader, place: string, strictness: Strictness): TensorEntry {
  const members: Record<string, JsonValue | undefined> = {};
  let data: Extent | undefined;
  reader.object(place, (key) => {
    if (key === "data") {
      const extent = reader.skip();
      if (reader.bytes[extent.start] !== 0x6e) data = extent;
    } else if (key === "parameters") members[key] = readMembers(reader, `${place}.parameters`);
    else if (MEMBERS.includes(key)) members[key] = reader.value();
    else reader.value();
  });
  const { name, shape, datatype } = members;
  if (typeof name !== "string") throw invalidArgument(`${place}.name must be a string, got ${describeValue(name)}`);
  assertDatatype(datatype, name);
  assertShape(shape, name);
  const { parameters, controls } = readParameters(members["parameters"], `${place} '${name}'`, strictness);
  if (strictness === "strict") assertNoSharedMemory(parameters, name);
  const binaryDataSize = readBinaryDataSize(controls["binary_data_size"], name);
  return { name, datatype, shape, parameters, data, binaryDataSize };
}

const MEMBERS: readonly string[] = ["name", "shape", "datatype"];

/**
 * The value of `parameters`. Controls of the wire stand in it, and of a size that is said twice nobody knows which one holds.
 * @throws InferenceError invalid_argument for a key that comes twice, and for more than 10,000: each takes microseconds.
 */
export function readMembers(reader: JsonReader, place: string): JsonValue {
  if (reader.peek() !== OPEN_OBJECT) return reader.value();
  const entries: [string, JsonValue][] = [];
  reader.object(place, (key) => void entries.push([key, reader.value()]));
  return Object.fromEntries(entries);
}

/** Parameters that say how the body is written; hooks never see them. */
const WIRE_CONTROLS: readonly string[] = ["binary_data_size", "binary_data", "binary_data_output"];

/**
 * Splits the wire controls off a `parameters` member; undefined parameters where there are none or it is null.
 * @throws InferenceError invalid_argument, when strict, for a value that is no string, number or boolean.
 */
export function readParameters(
  value: JsonValue | undefined,
  place: string,
  strictness: Strictness,
): { parameters: Parameters | undefined; controls: Readonly<Record<string, JsonValue>> } {
  if (value === undefined || value === null) return { parameters: undefined, controls: {} };
  if (!isJsonObject(value))
    throw invalidArgument(`${place}: parameters must be an object, got ${describeValue(value)}`);
  const controls: Record<string, JsonValue> = {};
  const parameters: Record<string, ParameterValue> = {};
  let kept = 0;
  for (const [name, member] of Object.entries(value)) {
    if (WIRE_CONTROLS.includes(name)) {
      controls[name] = member;
    } else if (isParameterValue(member)) {
      // A plain assignment to __proto__ would be lost.
      Object.defineProperty(parameters, name, { value: member, enumerable: true, configurable: true, writable: true });
      kept++;
    } else if (strictness === "strict" && member !== null) {
      throw invalidArgument(
        `${place}: parameter '${name}' must be a string, number or boolean, got ${describeValue(member)}`,
      );
    }
  }
  return { parameters: kept > 0 ? parameters : undefined, controls };
}

/** A control that is true or false; undefined where it is not there. */
export function readFlag(value: JsonValue | undefined, name: string, place: string): boolean | undefined {
  if (value === undefined || value === null || typeof value === "boolean") return value ?? undefined;
  throw invalidArgument(`${place}: ${name} must be true or false, got ${describeValue(value)}`);
}

function readBinaryDataSize(value: JsonValue | undefined, tensor: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidArgument(
    `tensor '${tensor}': binary_data_size must be a whole number of bytes, got ${describeValue(value)}`,
  );
}
