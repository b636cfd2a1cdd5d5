import { Buffer } from "node:buffer";
import { InferenceError } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import { type Extent, JsonReader } from "../../json/json-reader.ts";
import { joinChunks } from "../body-bytes.ts";
import type { Codec } from "../codec.ts";
import { encodeErrorBody } from "../error-body.ts";
import { HEADER_LENGTH, splitResponseFrame } from "./binary-frame.ts";
import { decodeRequest, decodeResponse } from "./decode.ts";
import { encodeRequest, encodeResponse } from "./encode.ts";

/** The Open Inference Protocol V2 over HTTP, with the binary tensor data extension. */
export const v2Codec: Codec = {
  wire: "v2",
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  encodeError: encodeErrorBody,
  mayForwardResponse,
  replaceModelName,
};

/** True for a JSON answer to a request that asked for no binary output. */
function mayForwardResponse(message: WireMessage, request: InferRequest): boolean {
  if (message.headers[HEADER_LENGTH] !== undefined) return false;
  const { binaryDataOutput, requestedOutputs } = request.content;
  return binaryDataOutput !== true && !requestedOutputs?.some(({ binaryData }) => binaryData === true);
}

function replaceModelName(message: WireMessage, modelName: string): WireMessage {
  const frame = splitResponseFrame(message);
  const json = frame === undefined ? joinChunks(message.body) : frame.json;
  const name = findModelName(json);
  if (name === undefined) return message;
  const text = Buffer.from(JSON.stringify(modelName));
  const head = [json.subarray(0, name.start), text, json.subarray(name.end)];
  if (frame === undefined) return { headers: message.headers, body: head };
  const length = json.length - (name.end - name.start) + text.length;
  return {
    headers: { ...message.headers, [HEADER_LENGTH]: String(length) },
    body: [...head, frame.blob({ start: 0, end: frame.binaryLength })],
  };
}

/** Where the value of `model_name` stands; undefined where there is none or it is no string. */
function findModelName(json: Uint8Array): Extent | undefined {
  let found: Extent | undefined;
  try {
    const reader = new JsonReader(json, { maxDepth: Number.POSITIVE_INFINITY, rawBytes: "base64" });
    reader.object("body", (key) => {
      const isName = key === "model_name" && reader.peek() === 0x22;
      const extent = reader.skip();
      if (isName) found = extent;
    });
  } catch (error) {
    if (!InferenceError.isInstance(error)) throw error;
  }
  return found;
}
