import { guardResponse, PredictorValues } from "../../convert/response-faults.ts";
import { invalidArgument } from "../../errors.ts";
import type { RequestContent, RequestedOutput, ResponseContent, WireMessage } from "../../inference/content.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { type Extent, JsonReader } from "../../json/json-reader.ts";
import { describeValue } from "../../tensor/describe-value.ts";
import { ByteElementsBudget } from "../../tensor/elements/byte-elements-budget.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { elementCount } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { assertBody, jsonBody } from "../body-bytes.ts";
import type { DecodeRequestOptions, DecodeResponseOptions } from "../codec.ts";
import { LazySource } from "../lazy-source.ts";
import type { Limits } from "../limits.ts";
import { readContentInTurns } from "../read-content-in-turns.ts";
import { assertNoSharedMemory } from "../shared-memory.ts";
import { type BinaryFrame, locateBlobs, splitBinaryFrame, splitResponseFrame } from "./binary-frame.ts";
import { readRawRequest } from "./raw-request.ts";
import {
  readFlag,
  readMembers,
  readParameters,
  readTensorEntries,
  type Strictness,
  type TensorEntry,
} from "./read-tensors.ts";
import { binaryTensor, jsonTensor } from "./wire-tensors.ts";

/**
 * A V2 request, JSON or binary, read when first asked for; its elements only when a reader of the tensor asks.
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function decodeRequest(message: WireMessage, options: DecodeRequestOptions): InferRequest {
  const { modelName, modelVersion } = options;
  const content = new LazySource(
    options.chaining ? "step" : "v2",
    message,
    (unread) => readRequest(unread, options),
    (unread, turns, view) => {
      const opened = openMessage(unread, options.limits, "refused");
      return readContentInTurns(opened.reader, turns, view, () => readOpenRequest(opened, options));
    },
  );
  return new InferRequest({ modelName, modelVersion, content });
}

/** A V2 response, JSON or binary, read when first asked for. */
export function decodeResponse(message: WireMessage, options: DecodeResponseOptions): InferResponse {
  const { limits } = options;
  const open = (unread: WireMessage) => openMessage(unread, limits, "base64");
  const content = new LazySource(
    "v2",
    message,
    (unread) => guardResponse(() => readResponse(open(unread), limits)),
    (unread, turns, view) => {
      const opened = guardResponse(() => open(unread));
      return readContentInTurns(opened.reader, turns, view, () => guardResponse(() => readResponse(opened, limits)));
    },
  );
  return new InferResponse({ modelName: options.modelName, content });
}

/** @throws InferenceError invalid_argument for a body that is no V2 request. */
export function readRequest(message: WireMessage, options: ReadRequestOptions): RequestContent {
  return readOpenRequest(openMessage(message, options.limits, "refused"), options);
}

type ReadRequestOptions = Pick<DecodeRequestOptions, "limits" | "inputs" | "chaining">;

function readOpenRequest(
  { reader, frame }: OpenMessage,
  { limits, inputs, chaining = false }: ReadRequestOptions,
): RequestContent {
  reader.rewind();
  if (frame?.json.length === 0) return readRawRequest(frame.blob({ start: 0, end: frame.binaryLength }), inputs);
  return readContent(reader, frame, limits, chaining);
}

/**
 * The check of a binary request whose tensors have not come yet: the JSON in front of them must add up with their bytes.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function assertBinaryHeader(json: Uint8Array, binaryLength: number, limits: Limits): void {
  const reader = new JsonReader(json, { maxDepth: limits.maxJsonDepth, rawBytes: "refused" });
  // No tensor is read here, so no blob is asked for.
  readContent(reader, { json, binaryLength, blob: () => new Uint8Array(0) }, limits, false);
}

function readContent(
  reader: JsonReader,
  frame: BinaryFrame | undefined,
  limits: Limits,
  chaining: boolean,
): RequestContent {
  let id: string | undefined;
  let entries: readonly TensorEntry[] | undefined;
  let outputs: Extent | undefined;
  let requestedOutputs: readonly RequestedOutput[] | undefined;
  let parameters: JsonValue | undefined;
  let hasInstances = false;
  reader.object("body", (key) => {
    if (key === "id") id = readText(reader.value(), key);
    else if (key === "inputs") entries = readTensorEntries(reader, key, limits.maxTensors, "strict");
    else if (key === "parameters") parameters = readMembers(reader, key);
    else if (key === "outputs" && reader.peek() !== 0x6e) outputs = reader.skip();
    else {
      hasInstances ||= key === "instances";
      reader.value();
    }
  });
  reader.end();
  if (outputs !== undefined) {
    reader.seek(outputs);
    if (entries === undefined && chaining)
      entries = readTensorEntries(reader, "outputs", limits.maxTensors, "tolerant");
    else requestedOutputs = readRequestedOutputs(reader, limits.maxTensors);
  }
  if (entries === undefined)
    throw invalidArgument(`inputs must be an array, got nothing${hasInstances ? V1_BODY : ""}`);
  const split = readParameters(parameters, "body", "strict");
  const binaryDataOutput = readFlag(split.controls["binary_data_output"], "binary_data_output", "body");
  return {
    ...(id === undefined ? {} : { id }),
    parameters: split.parameters ?? {},
    members: {},
    ...(requestedOutputs === undefined || requestedOutputs.length === 0 ? {} : { requestedOutputs }),
    ...(binaryDataOutput === undefined ? {} : { binaryDataOutput }),
    values: new TensorValues(toTensors(entries, reader, frame, limits, "strict"), "input", false, limits.maxInstances),
  };
}

function readResponse({ reader, frame }: OpenMessage, limits: Limits): ResponseContent {
  reader.rewind();
  const members: Record<string, JsonValue | undefined> = {};
  let entries: readonly TensorEntry[] | undefined;
  reader.object("body", (key) => {
    if (key === "outputs") entries = readTensorEntries(reader, key, limits.maxTensors, "tolerant");
    else members[key] = key === "parameters" ? readMembers(reader, key) : reader.value();
  });
  reader.end();
  if (entries === undefined) throw invalidArgument("outputs must be an array, got nothing");
  const id = readText(members["id"], "id");
  const modelName = readText(members["model_name"], "model_name");
  const modelVersion = readText(members["model_version"], "model_version");
  return {
    ...(id === undefined ? {} : { id }),
    ...(modelName === undefined ? {} : { modelName }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
    parameters: readParameters(members["parameters"], "body", "tolerant").parameters ?? {},
    members: {},
    values: new PredictorValues(new TensorValues(toTensors(entries, reader, frame, limits, "tolerant"), "output")),
  };
}

/** What a body looks like, for those who sent none. */
export const V2_EXAMPLE = '{"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": [1]}]}';
const V1_BODY = " but instances, which are V1's: send them to /v1/models/NAME:predict";

interface OpenMessage {
  readonly reader: JsonReader;
  readonly frame: BinaryFrame | undefined;
}

function openMessage(message: WireMessage, limits: Limits, rawBytes: "refused" | "base64"): OpenMessage {
  const frame = rawBytes === "base64" ? splitResponseFrame(message) : splitBinaryFrame(message);
  if (frame === undefined && rawBytes === "refused") assertBody(message, V2_EXAMPLE);
  const json = frame?.json ?? jsonBody(message);
  return { reader: new JsonReader(json, { maxDepth: limits.maxJsonDepth, rawBytes }), frame };
}

function toTensors(
  entries: readonly TensorEntry[],
  reader: JsonReader,
  frame: BinaryFrame | undefined,
  limits: Limits,
  strictness: Strictness,
): readonly Tensor[] {
  const blobs = locateBlobs(entries, frame?.binaryLength ?? 0);
  const budget = new ByteElementsBudget(limits.maxElements);
  return entries.map((entry, index) => {
    if (entry.datatype === "BYTES") budget.take(entry.name, elementCount(entry.shape));
    const extent = blobs[index];
    if (extent === undefined || frame === undefined) return jsonTensor(entry, reader, limits.maxElements, strictness);
    return binaryTensor(entry, () => frame.blob(extent), limits.maxElements, strictness);
  });
}

/** Outputs that a client asks for; their own `binary_data` is a wire control. */
function readRequestedOutputs(reader: JsonReader, maxTensors: number): RequestedOutput[] {
  const outputs: RequestedOutput[] = [];
  reader.array("outputs", (index) => {
    if (index >= maxTensors)
      throw invalidArgument(`outputs: more than the limit of ${maxTensors} tensors (max_tensors)`);
    const place = `outputs[${index}]`;
    const members: Record<string, JsonValue | undefined> = {};
    reader.object(place, (key) => {
      members[key] = key === "parameters" ? readMembers(reader, `${place}.${key}`) : reader.value();
    });
    const { name } = members;
    if (typeof name !== "string") throw invalidArgument(`${place}.name must be a string, got ${describeValue(name)}`);
    if (outputs.some((output) => output.name === name)) {
      throw invalidArgument(`${place}: the name '${name}' comes twice`);
    }
    const { parameters, controls } = readParameters(members["parameters"], `${place} '${name}'`, "strict");
    assertNoSharedMemory(parameters, name);
    const binaryData = readFlag(controls["binary_data"], "binary_data", `${place} '${name}'`);
    outputs.push({ name, parameters: parameters ?? {}, ...(binaryData === undefined ? {} : { binaryData }) });
  });
  return outputs;
}

function readText(value: JsonValue | undefined, name: string): string | undefined {
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  throw invalidArgument(`${name} must be a string, got ${describeValue(value)}`);
}
