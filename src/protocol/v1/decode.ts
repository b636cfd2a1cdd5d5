import { invalidArgument } from "../../errors.ts";
import type { RequestContent, ResponseContent, WireMessage } from "../../inference/content-source.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import type { Values } from "../../inference/values.ts";
import type { JsonObject, JsonValue } from "../../tensor/json-value.ts";
import { jsonBody } from "../body-bytes.ts";
import type { DecodeRequestOptions, DecodeResponseOptions } from "../codec.ts";
import { AnswerValues, guardAnswer } from "../guard-answer.ts";
import { OPEN_ARRAY } from "../json/json-bytes.ts";
import { type Extent, JsonReader } from "../json/json-reader.ts";
import { LazySource } from "../lazy-source.ts";
import type { Limits } from "../limits.ts";
import { AbsentValues } from "./absent-values.ts";
import { JsonColumns } from "./json-columns.ts";
import { JsonRows } from "./json-rows.ts";

/**
 * A V1 request, read when first asked for.
 * @see https://www.tensorflow.org/tfx/serving/api_rest
 */
export function decodeRequest(message: WireMessage, options: DecodeRequestOptions): InferRequest {
  const { modelName, modelVersion } = options;
  // Another step's answer is read at once: its bytes can not be forwarded as a request.
  const content = options.chaining
    ? readRequest(message, options)
    : new LazySource("v1", message, (unread) => readRequest(unread, options));
  return new InferRequest({ modelName, modelVersion, content });
}

/** A V1 answer, read when first asked for. */
export function decodeResponse(message: WireMessage, options: DecodeResponseOptions): InferResponse {
  const content = new LazySource("v1", message, (unread) => guardAnswer(() => readResponse(unread, options)));
  return new InferResponse({ modelName: options.modelName, content });
}

/** @throws InferenceError invalid_argument for a body that is no V1 request. */
export function readRequest(message: WireMessage, options: DecodeRequestOptions): RequestContent {
  const { limits, inputs: specs, chaining = false } = options;
  const reader = new JsonReader(jsonBody(message), { maxDepth: limits.maxJsonDepth });
  const keys = chaining ? REQUEST_KEYS.concat(RESPONSE_KEYS) : REQUEST_KEYS;
  const { values, members } = readMembers(reader, keys);
  const [key, extent] = values ?? [];
  const bounds = { maxTensors: limits.maxTensors, maxElements: limits.maxElements };
  const base = { parameters: {}, members };
  if (key === undefined || extent === undefined) {
    return { ...base, values: new AbsentValues("expected instances or inputs, got neither", "invalid_argument") };
  }
  if (key === "inputs" || key === "outputs") {
    return { ...base, columnar: true, values: new JsonColumns(reader, extent, { ...bounds, side: "input", specs }) };
  }
  assertArray(reader, key, extent);
  const { maxInstances: maxRows } = limits;
  return { ...base, values: new JsonRows(reader, extent, { ...bounds, side: "input", specs, maxRows }) };
}

function readResponse(message: WireMessage, options: DecodeResponseOptions): ResponseContent {
  const { limits, outputs: specs } = options;
  const reader = new JsonReader(jsonBody(message), { maxDepth: limits.maxJsonDepth, rawBytes: "base64" });
  const { values: found, members } = readMembers(reader, RESPONSE_KEYS);
  return { parameters: {}, members, values: readAnswerValues(reader, found, specs, limits) };
}

function readAnswerValues(
  reader: JsonReader,
  found: readonly [string, Extent] | undefined,
  specs: DecodeResponseOptions["outputs"],
  { maxTensors, maxElements }: Limits,
): Values {
  if (found === undefined) {
    return new AbsentValues("predictor's answer: expected predictions or outputs, got neither", "bad_gateway");
  }
  const [key, extent] = found;
  if (key === "outputs")
    return new AnswerValues(new JsonColumns(reader, extent, { side: "output", specs, maxTensors, maxElements }));
  assertArray(reader, key, extent);
  const maxRows = Number.POSITIVE_INFINITY;
  return new AnswerValues(new JsonRows(reader, extent, { side: "output", specs, maxRows, maxElements }));
}

const REQUEST_KEYS: readonly string[] = ["instances", "inputs"];
const RESPONSE_KEYS: readonly string[] = ["predictions", "outputs"];

/** Walks the envelope: where the one member of `keys` stands, and the others as values. */
function readMembers(
  reader: JsonReader,
  keys: readonly string[],
): { values: readonly [string, Extent] | undefined; members: JsonObject } {
  const members: Record<string, JsonValue> = {};
  let values: readonly [string, Extent] | undefined;
  reader.object("body", (key) => {
    if (!keys.includes(key)) {
      // An own property even where the key is __proto__.
      const value = reader.value();
      Object.defineProperty(members, key, { value, writable: true, enumerable: true, configurable: true });
      return;
    }
    if (values !== undefined) throw invalidArgument(`expected one of ${keys.join(", ")}, got ${values[0]} and ${key}`);
    values = [key, reader.skip()];
  });
  reader.end();
  return { values, members };
}

function assertArray(reader: JsonReader, key: string, { start, end }: Extent): void {
  if (reader.bytes[start] === OPEN_ARRAY) return;
  const got = reader.bytes.toString("utf8", start, Math.min(end, start + 40));
  throw invalidArgument(`${key} must be an array, got ${got}`);
}
