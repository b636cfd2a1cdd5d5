import { INTO_REQUEST, INTO_RESPONSE, parametersWithMembers } from "../../convert/members-and-parameters.ts";
import { guardExtras, guardValues, resolveRequestTensors } from "../../convert/request-tensors.ts";
import { guardEncoding } from "../../convert/response-faults.ts";
import { resolveResponseTensors } from "../../convert/response-tensors.ts";
import { InferenceError } from "../../errors.ts";
import type { RequestContent, RequestedOutput, WireMessage } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import { formatJson } from "../../json/format-json.ts";
import { toRawBytes } from "../../tensor/elements/raw-elements.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import type { NonFiniteText } from "../../tensor/number-text/create-element-writer.ts";
import type { Parameters, Tensor } from "../../tensor/tensor.ts";
import { formatElements, formatElementsInPieces } from "../../tensor/write-numbers.ts";
import { BodyWriter } from "../body-writer.ts";
import type { EncodeRequestOptions, EncodeResponseOptions } from "../codec.ts";
import { HEADER_LENGTH } from "./binary-frame.ts";

/**
 * A request for a V2 predictor, all tensors JSON or all binary.
 * @throws InferenceError invalid_argument for what the form cannot carry: NaN in JSON, V1 members that are no scalars.
 */
export function encodeRequest(request: InferRequest, options: EncodeRequestOptions): WireMessage {
  const { binary = false, forwardRequestedOutputs = false } = options;
  const { content, source } = request;
  // Nothing was changed, so the bytes say it best.
  if (source?.wire === "v2" && mayGoAsItCame(source.message, content, binary, forwardRequestedOutputs)) {
    return { headers: headersOf(source.message.headers[HEADER_LENGTH]), body: source.message.body };
  }
  const writer = new BodyWriter().text("{");
  if (content.id !== undefined) writer.text(`"id":${JSON.stringify(content.id)},`);
  const blobs = guardValues(request, () =>
    writeTensors(writer.text('"inputs":'), resolveRequestTensors(request, options.metadata), () => binary),
  );
  if (forwardRequestedOutputs && content.requestedOutputs !== undefined) {
    writer.text(`,"outputs":${formatRequestedOutputs(content.requestedOutputs, binary)}`);
  }
  guardExtras(request, () => {
    const parameters = parametersWithMembers(content.parameters, content.members, INTO_REQUEST);
    writeParameters(writer, binary ? { ...parameters, binary_data_output: true } : parameters);
  });
  return closeBody(writer, blobs);
}

/** True for a body of the form that the predictor takes, which asks it for no other response than this codec would. */
function mayGoAsItCame(
  { headers }: WireMessage,
  { requestedOutputs = [], binaryDataOutput = false }: RequestContent,
  binary: boolean,
  forwardRequestedOutputs: boolean,
): boolean {
  // A raw request says too little of itself to be written otherwise.
  if (headers[HEADER_LENGTH] === "0") return true;
  if ((headers[HEADER_LENGTH] !== undefined) !== binary || (requestedOutputs.length > 0 && !forwardRequestedOutputs)) {
    return false;
  }
  if (requestedOutputs.length === 0) return binaryDataOutput === binary;
  // Servers that see a list of outputs heed no `binary_data_output`.
  return requestedOutputs.every(({ binaryData }) => (binaryData ?? (!binary && binaryDataOutput)) === binary);
}

/**
 * A response for a V2 client: its id, its model name, the outputs that it asked for in its order, binary where it asked.
 * @throws InferenceError invalid_argument for a requested output that is not there; internal for NaN in JSON without `nonFinite`.
 */
export function encodeResponse(response: InferResponse, options: EncodeResponseOptions): WireMessage {
  const { request } = options;
  const asked = request.content;
  const { content } = response;
  const tensors = resolveResponseTensors(response, asked.requestedOutputs, options.outputs, options.nonFinite);
  return guardEncoding(() => {
    const writer = new BodyWriter().text(`{"model_name":${JSON.stringify(request.modelName)}`);
    const version = response.modelVersion ?? request.modelVersion;
    if (version !== undefined) writer.text(`,"model_version":${JSON.stringify(version)}`);
    if (asked.id !== undefined) writer.text(`,"id":${JSON.stringify(asked.id)}`);
    writeParameters(
      writer,
      parametersWithMembers(content.parameters, content.members, INTO_RESPONSE),
      options.nonFinite,
    );
    const blobs = writeTensors(writer.text(',"outputs":'), tensors, (name) => isBinary(name, asked), options.nonFinite);
    return closeBody(writer, blobs);
  });
}

/** An output's own `binary_data` counts, else the request's `binary_data_output`. */
function isBinary(name: string, { requestedOutputs, binaryDataOutput }: RequestContent): boolean {
  return requestedOutputs?.find((output) => output.name === name)?.binaryData ?? binaryDataOutput ?? false;
}

/** Writes the tensors' JSON; gives back the bytes that follow it, in order. */
function writeTensors(
  writer: BodyWriter,
  tensors: readonly Tensor[],
  isTensorBinary: (name: string) => boolean,
  nonFinite?: NonFiniteText,
): Uint8Array[] {
  const blobs: Uint8Array[] = [];
  writer.text("[");
  tensors.forEach((tensor, index) => {
    const { name, datatype, shape } = tensor;
    assertNoControls(tensor);
    writer.text(index === 0 ? "{" : ",{");
    writer.text(`"name":${JSON.stringify(name)},"shape":${JSON.stringify(shape)},"datatype":"${datatype}"`);
    if (isTensorBinary(name)) {
      const blob = toRawBytes(tensor);
      blobs.push(blob);
      writeParameters(writer, { ...tensor.parameters, binary_data_size: blob.length }, nonFinite);
    } else {
      writeParameters(writer, tensor.parameters ?? {}, nonFinite);
      writer.text(',"data":');
      const pieces = formatElementsInPieces(tensor, "flat", { nonFinite });
      if (pieces === undefined) writer.bytes(formatElements(tensor, "flat", { nonFinite }));
      else writer.pieces(pieces);
    }
    writer.text("}");
  });
  writer.text("]");
  return blobs;
}

function writeParameters(writer: BodyWriter, parameters: Parameters, nonFinite?: NonFiniteText): void {
  if (Object.keys(parameters).length === 0) return;
  writer.text(`,"parameters":${formatJson(parameters, "parameters", nonFinite)}`);
}

/** Servers that see a list of outputs heed no `binary_data_output`, so each output says it for itself. */
function formatRequestedOutputs(outputs: readonly RequestedOutput[], binary: boolean): string {
  const entries = outputs.map(({ name, parameters: own }): JsonValue => {
    const parameters = binary ? { ...own, binary_data: true } : own;
    return Object.keys(parameters).length === 0 ? { name } : { name, parameters };
  });
  return formatJson(entries, "outputs");
}

function closeBody(writer: BodyWriter, blobs: readonly Uint8Array[]): WireMessage {
  writer.text("}");
  const headers = headersOf(blobs.length === 0 ? undefined : String(writer.length));
  for (const blob of blobs) writer.bytes(blob);
  return writer.message(headers);
}

function headersOf(jsonLength: string | undefined): Readonly<Record<string, string>> {
  if (jsonLength === undefined) return { "content-type": "application/json" };
  return { "content-type": "application/octet-stream", [HEADER_LENGTH]: jsonLength };
}

/** A hook that sets a wire control would contradict the bytes. */
function assertNoControls({ name, parameters }: Tensor): void {
  for (const control of ["binary_data_size", "binary_data"]) {
    if (parameters !== undefined && Object.hasOwn(parameters, control)) {
      throw new InferenceError(`tensor '${name}': the parameter '${control}' belongs to the codec`);
    }
  }
}
