import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { guardResponse } from "../../convert/response-faults.ts";
import type { ModelMetadata } from "../../inference/model-metadata.ts";
import type { TensorSpec } from "../../tensor/tensor.ts";
import { reading } from "../grpc/infer-message.ts";
import { FieldReader } from "../grpc/wire/field-reader.ts";
import { datatypeOf } from "./data-types.ts";
import { readMapEntry, visitFields } from "./map-entry.ts";
import { type ModelSpec, readVersion, writeModelSpec } from "./model-spec.ts";
import { readShape } from "./shape-proto.ts";

const SIGNATURE_DEF = "signature_def";
const AVAILABLE = 30;

/** A `GetModelMetadataRequest` for the signatures of a model. */
export function encodeMetadataRequest(spec: ModelSpec): Uint8Array {
  const writer = new BinaryWriter();
  writeModelSpec(writer, 1, spec);
  return writer.tag(2, WireType.LengthDelimited).string(SIGNATURE_DEF).finish();
}

/**
 * What each signature takes and gives, from a `GetModelMetadataResponse`; a signature with a tensor that V2 cannot name
 * (another dtype, a rank that is open) is left out.
 * @throws InferenceError bad_gateway.
 */
export function decodeMetadataResponse(bytes: Uint8Array, modelName: string): ReadonlyMap<string, ModelMetadata> {
  const signatures = new Map<string, ModelMetadata>();
  return guardResponse(() =>
    reading("GetModelMetadataResponse", () => {
      let version: string | undefined;
      visitFields(bytes, (field, value) => {
        if (field === 1) version = readVersion(value);
        if (field !== 2) return;
        const [key, any] = readMapEntry(value);
        if (key !== SIGNATURE_DEF) return;
        // An Any carries its message as field 2, a SignatureDefMap its entries as field 1.
        visitFields(any, (anyField, map) => {
          if (anyField === 2) visitFields(map, (_, entry) => addSignature(signatures, entry, modelName, version));
        });
      });
      return signatures;
    }),
  );
}

function addSignature(
  signatures: Map<string, ModelMetadata>,
  entry: Uint8Array,
  name: string,
  version: string | undefined,
): void {
  const [signature, definition] = readMapEntry(entry);
  const inputs: (TensorSpec | undefined)[] = [];
  const outputs: (TensorSpec | undefined)[] = [];
  visitFields(definition, (field, value) => {
    if (field === 1) inputs.push(readSpec(value));
    if (field === 2) outputs.push(readSpec(value));
  });
  if (!areKnown(inputs) || !areKnown(outputs)) return;
  const versions = version === undefined ? {} : { versions: [version] };
  signatures.set(signature, { name, ...versions, platform: "tensorflow", inputs, outputs });
}

function areKnown(specs: readonly (TensorSpec | undefined)[]): specs is readonly TensorSpec[] {
  return !specs.includes(undefined);
}

/** An entry of a signature's inputs or outputs: the name that clients use, and a `TensorInfo`. */
function readSpec(entry: Uint8Array): TensorSpec | undefined {
  const [name, info] = readMapEntry(entry);
  const reader = new FieldReader(info);
  let dtype = 0;
  let shape: readonly number[] | undefined = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 2 && type === WireType.Varint) dtype = reader.int32();
    else if (field === 3 && type === WireType.LengthDelimited) shape = readShape(reader.bytes());
    else reader.skip(type, field);
  }
  const datatype = datatypeOf(dtype);
  return datatype === undefined || shape === undefined ? undefined : { name, datatype, shape };
}

/** A `GetModelStatusRequest`. */
export function encodeStatusRequest(spec: ModelSpec): Uint8Array {
  const writer = new BinaryWriter();
  writeModelSpec(writer, 1, spec);
  return writer.finish();
}

/** True when a `GetModelStatusResponse` names a version that is available. @throws InferenceError bad_gateway. */
export function isAvailable(bytes: Uint8Array): boolean {
  return guardResponse(() =>
    reading("GetModelStatusResponse", () => {
      let available = false;
      visitFields(bytes, (field, status) => {
        if (field === 1) available ||= readState(status) === AVAILABLE;
      });
      return available;
    }),
  );
}

function readState(bytes: Uint8Array): number {
  const reader = new FieldReader(bytes);
  let state = 0;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 2 && type === WireType.Varint) state = reader.int32();
    else reader.skip(type, field);
  }
  return state;
}
