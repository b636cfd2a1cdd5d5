import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { invalidArgument } from "../../errors.ts";
import type { Parameters, ParameterValue } from "../../tensor/tensor.ts";
import { FieldReader } from "./wire/field-reader.ts";

const INT64_MOST = (1n << 63n) - 1n;
const INT64_LEAST = -(1n << 63n);
const UINT64_MOST = (1n << 64n) - 1n;

/** As of a JSON body. */
const MAX_PARAMETERS = 10_000;

/** How REST bodies are written; KServe's server says it over gRPC too, where it means nothing. */
const WIRE_CONTROLS: ReadonlySet<string> = new Set(["binary_data", "binary_data_output", "binary_data_size"]);

/**
 * Parameters from the entries of a `map<string, InferParameter>`, without the wire controls; one without a value that we
 * know is left out.
 */
export function readParameters(entries: readonly Uint8Array[]): Parameters {
  const parameters: Record<string, ParameterValue> = {};
  if (entries.length > MAX_PARAMETERS) throw invalidArgument(`expected at most ${MAX_PARAMETERS} parameters`);
  for (const entry of entries) {
    const reader = new FieldReader(entry);
    let key = "";
    let value: ParameterValue | undefined;
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (type !== WireType.LengthDelimited) reader.skip(type, field);
      else if (field === 1) key = reader.string(true);
      else if (field === 2) value = readValue(reader.bytes()) ?? value;
      else reader.skip(type, field);
    }
    if (value !== undefined && !WIRE_CONTROLS.has(key)) {
      // A plain assignment to __proto__ would be lost.
      Object.defineProperty(parameters, key, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  return parameters;
}

function readValue(bytes: Uint8Array): ParameterValue | undefined {
  const reader = new FieldReader(bytes);
  let value: ParameterValue | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.Varint) value = reader.bool();
    else if (field === 2 && type === WireType.Varint) value = toNumber(BigInt(reader.int64()));
    else if (field === 3 && type === WireType.LengthDelimited) value = reader.string(true);
    else if (field === 4 && type === WireType.Bit64) value = reader.double();
    else if (field === 5 && type === WireType.Varint) value = toNumber(BigInt(reader.uint64()));
    else reader.skip(type, field);
  }
  return value;
}

function toNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/**
 * Writes parameters as field `field` of the open message: whole numbers as int64, or uint64 beyond it, others as double.
 * @throws InferenceError invalid_argument for a whole number beyond 64 bits.
 */
export function writeParameters(writer: BinaryWriter, field: number, parameters: Parameters | undefined): void {
  for (const [key, value] of Object.entries(parameters ?? {})) {
    writer.tag(field, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(key);
    writer.tag(2, WireType.LengthDelimited).fork();
    writeValue(writer, key, value);
    writer.join().join();
  }
}

function writeValue(writer: BinaryWriter, key: string, value: ParameterValue): void {
  if (typeof value === "boolean") writer.tag(1, WireType.Varint).bool(value);
  else if (typeof value === "string") writer.tag(3, WireType.LengthDelimited).string(value);
  else if (typeof value === "number" && !Number.isSafeInteger(value)) writer.tag(4, WireType.Bit64).double(value);
  else {
    const whole = BigInt(value);
    if (whole >= INT64_LEAST && whole <= INT64_MOST) writer.tag(2, WireType.Varint).int64(whole);
    else if (whole > 0n && whole <= UINT64_MOST) writer.tag(5, WireType.Varint).uint64(whole);
    else
      throw invalidArgument(
        `parameter '${key}': expected a number of at most 64 bits, got ${String(value).slice(0, 40)}`,
      );
  }
}
