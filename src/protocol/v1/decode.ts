import { guardResponse, PredictorValues } from "../../convert/response-faults.ts";
import { invalidArgument } from "../../errors.ts";
import type { RequestContent, ResponseContent, WireMessage } from "../../inference/content.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import type { Side } from "../../inference/rows-and-tensors.ts";
import type { Values } from "../../inference/values.ts";
import { OPEN_ARRAY, OPEN_OBJECT, skipSpace } from "../../json/json-bytes.ts";
import { type Extent, JsonReader } from "../../json/json-reader.ts";
import { nearestName } from "../../nearest-name.ts";
import { isDatatype } from "../../tensor/datatype.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../tensor/json-value.ts";
import { isBase64Object } from "../../tensor/nested/nested-array.ts";
import type { TensorSpec } from "../../tensor/tensor.ts";
import { assertBody, jsonBody } from "../body-bytes.ts";
import type { DecodeRequestOptions, DecodeResponseOptions } from "../codec.ts";
import { LazySource } from "../lazy-source.ts";
import type { Limits } from "../limits.ts";
import { readContentInTurns } from "../read-content-in-turns.ts";
import { AbsentValues } from "./absent-values.ts";
import { type Column, JsonColumns, locateColumns } from "./json-columns.ts";
import { JsonRows } from "./json-rows.ts";

/**
 * A V1 request, read when first asked for.
 * @see https://www.tensorflow.org/tfx/serving/api_rest
 */
export function decodeRequest(message: WireMessage, options: DecodeRequestOptions): InferRequest {
  const { modelName, modelVersion } = options;
  const content = new LazySource(
    options.chaining ? "step" : "v1",
    message,
    (unread) => readRequest(unread, options),
    (unread, turns, view) => {
      const reader = openRequest(unread, options.limits);
      return readContentInTurns(reader, turns, view, () => readOpenRequest(reader, options));
    },
  );
  return new InferRequest({ modelName, modelVersion, content });
}

/** A V1 response, read when first asked for. */
export function decodeResponse(message: WireMessage, options: DecodeResponseOptions): InferResponse {
  const content = new LazySource(
    "v1",
    message,
    (unread) => guardResponse(() => readResponse(openResponse(unread, options.limits), options)),
    (unread, turns, view) => {
      const reader = guardResponse(() => openResponse(unread, options.limits));
      return readContentInTurns(reader, turns, view, () => guardResponse(() => readResponse(reader, options)));
    },
  );
  return new InferResponse({ modelName: options.modelName, content });
}

/** @throws InferenceError invalid_argument for a body that is no V1 request. */
export function readRequest(message: WireMessage, options: DecodeRequestOptions): RequestContent {
  return readOpenRequest(openRequest(message, options.limits), options);
}

function openRequest(message: WireMessage, { maxJsonDepth }: Limits): JsonReader {
  assertBody(message, V1_EXAMPLE);
  return new JsonReader(jsonBody(message), { maxDepth: maxJsonDepth });
}

function openResponse(message: WireMessage, { maxJsonDepth }: Limits): JsonReader {
  return new JsonReader(jsonBody(message), { maxDepth: maxJsonDepth, rawBytes: "base64" });
}

function readOpenRequest(reader: JsonReader, options: DecodeRequestOptions): RequestContent {
  const { limits, inputs: specs, chaining = false } = options;
  const names = chaining
    ? { rows: CHAINED_ROWS, columns: CHAINED_COLUMNS }
    : { rows: ["instances"], columns: ["inputs"] };
  const { found, members } = readMembers(reader, names, limits.maxTensors);
  if (found === undefined) {
    const values = new AbsentValues(describeAbsence(Object.keys(members)), "invalid_argument");
    return { parameters: {}, members, values };
  }
  const values = toValues(reader, found, "input", specs, limits);
  return { parameters: {}, members, values, ...("columns" in found ? { columnar: true } : {}) };
}

function readResponse(reader: JsonReader, { limits, outputs: specs }: DecodeResponseOptions): ResponseContent {
  const names = { rows: ["predictions"], columns: ["outputs"] };
  const { found, members } = readMembers(reader, names, limits.maxTensors);
  if (found === undefined) {
    const missing = "predictor's response: expected predictions or outputs, got neither";
    return { parameters: {}, members, values: new AbsentValues(missing, "bad_gateway") };
  }
  return { parameters: {}, members, values: new PredictorValues(toValues(reader, found, "output", specs, limits)) };
}

/** What a body looks like, for those who sent none. */
export const V1_EXAMPLE = '{"instances": [1]}';
const V2_BODY =
  'inputs: expected columns of values, got tensors of V2: send them to /v2/models/NAME/infer, or write {"instances": […]}';

function isWireTensor({ name, datatype, shape }: JsonObject): boolean {
  return typeof name === "string" && isDatatype(datatype) && Array.isArray(shape);
}

function describeAbsence(keys: readonly string[]): string {
  const absent = "expected instances or inputs, got neither";
  for (const key of keys) {
    const near = nearestName(key, ["instances", "inputs"]);
    if (near !== undefined) return `${absent}: did you mean ${near}, not ${key}?`;
  }
  return `${absent}: write {"instances": […]}`;
}

const CHAINED_ROWS: readonly string[] = ["instances", "predictions"];
const CHAINED_COLUMNS: readonly string[] = ["inputs", "outputs"];

/** The one member that holds the values, as it was found. */
type Found = { readonly key: string } & ({ readonly rows: Extent } | { readonly columns: readonly Column[] });

/** Walks the envelope: where the values stand, and the other members. */
function readMembers(
  reader: JsonReader,
  names: { readonly rows: readonly string[]; readonly columns: readonly string[] },
  maxTensors: number,
): { found: Found | undefined; members: JsonObject } {
  const members: Record<string, JsonValue> = {};
  let found: Found | undefined;
  reader.rewind();
  reader.object("body", (key) => {
    const isRows = names.rows.includes(key);
    if (!isRows && !names.columns.includes(key)) {
      // An own property even where the key is __proto__.
      const value = reader.value();
      Object.defineProperty(members, key, { value, writable: true, enumerable: true, configurable: true });
      return;
    }
    // Null says "not set", as it does of every optional member.
    if (reader.peek() === 0x6e) {
      reader.value();
      return;
    }
    if (found !== undefined) {
      throw invalidArgument(
        `expected one of ${[...names.rows, ...names.columns].join(", ")}, got ${found.key} and ${key}`,
      );
    }
    found = isRows ? { key, rows: locateRows(reader, key) } : locateColumnsOrRows(reader, key, maxTensors);
  });
  reader.end();
  return { found, members };
}

/** Columnar values; rows of objects under this name are rows, as KServe's SDK reads them. */
function locateColumnsOrRows(reader: JsonReader, key: string, maxTensors: number): Found {
  if (reader.peek() !== OPEN_ARRAY) return { key, columns: locateColumns(reader, key, maxTensors) };
  const extent = reader.skip();
  let first: JsonValue | undefined;
  if (holdsObjects(reader.bytes, extent)) {
    reader.seek(extent);
    reader.array(key, (index) => {
      if (index === 0) first = reader.value();
      else reader.skip();
    });
  }
  if (!isJsonObject(first) || isBase64Object(first)) return { key, columns: [{ extent }] };
  if (key === "inputs" && isWireTensor(first)) throw invalidArgument(V2_BODY);
  return { key, rows: extent };
}

/** True where the array's first item is an object, which may be bytes in base64 as well. */
function holdsObjects(bytes: Uint8Array, { start, end }: Extent): boolean {
  return bytes[skipSpace(bytes, start + 1, end)] === OPEN_OBJECT;
}

function locateRows(reader: JsonReader, key: string): Extent {
  if (reader.peek() !== OPEN_ARRAY) throw invalidArgument(`${key} must be an array, got ${reader.describeNext()}`);
  return reader.skip();
}

function toValues(
  reader: JsonReader,
  found: Found,
  side: Side,
  specs: readonly TensorSpec[] | undefined,
  { maxElements, maxInstances, maxTensors }: Limits,
): Values {
  const maxRows = side === "input" ? maxInstances : Number.POSITIVE_INFINITY;
  return "rows" in found
    ? new JsonRows(reader, found.rows, { side, specs, place: found.key, maxRows, maxTensors, maxElements })
    : new JsonColumns(reader, found.columns, { side, specs, maxElements, maxRows });
}
