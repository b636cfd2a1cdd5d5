import { guardResponse } from "../../convert/response-faults.ts";
import { invalidArgument } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import type { Extent } from "../../json/json-reader.ts";
import { DATATYPES } from "../../tensor/datatype.ts";
import { byteLength } from "../../tensor/join-parts.ts";
import { elementCount, formatShape } from "../../tensor/shape.ts";
import { looksLikeObject, sliceChunks } from "../body-bytes.ts";
import { isOctetStream, parseMediaTypes } from "../media-type.ts";
import type { TensorEntry } from "./read-tensors.ts";

/** Length of the JSON in front of the binary data. */
export const HEADER_LENGTH = "inference-header-content-length";

/** A body of the binary tensor data extension: JSON, then the tensors' bytes. */
export interface BinaryFrame {
  readonly json: Uint8Array;
  /** Bytes behind the JSON. */
  readonly binaryLength: number;
  /** Bytes of the binary part, from `start` to `end` behind the JSON; copied only where two chunks hold them. */
  blob(extent: Extent): Uint8Array;
}

/**
 * Bytes of the JSON in front of the tensors, 0 in a raw binary request; undefined where the headers say that the body is JSON alone.
 * @throws InferenceError invalid_argument when the header is not there, no whole number, or longer than the body.
 */
export function readHeaderLength(headers: WireMessage["headers"], total: number): number | undefined {
  const header = headers[HEADER_LENGTH];
  const type = headers["content-type"];
  if (header === undefined) {
    if (type === undefined || type === "application/json") return undefined;
    if (!parseMediaTypes(type).some(isOctetStream)) return undefined;
    throw invalidArgument(`expected the header Inference-Header-Content-Length with a binary body, got none`);
  }
  const length = /^\d{1,15}$/.test(header.trim()) ? Number(header) : Number.NaN;
  if (length <= total) return length;
  throw invalidArgument(
    `Inference-Header-Content-Length: expected a whole number from 0 to the ${total} bytes of the body, got ${JSON.stringify(header.slice(0, 40))}`,
  );
}

/**
 * Splits a binary body, whose JSON is empty in a raw binary request; undefined where the headers say that it is JSON alone.
 * @throws InferenceError invalid_argument as `readHeaderLength`.
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */
export function splitBinaryFrame({ headers, body }: WireMessage): BinaryFrame | undefined {
  const total = byteLength(body);
  const length = readHeaderLength(headers, total);
  if (length === undefined) return undefined;
  return {
    json: sliceChunks(body, 0, length),
    binaryLength: total - length,
    blob: ({ start, end }) => sliceChunks(body, length + start, length + end),
  };
}

/**
 * The same of a predictor's response, where the header alone decides, as in KServe's and Triton's clients: JSON is read as such under
 * any Content-Type.
 * @throws InferenceError bad_gateway as `readHeaderLength`.
 */
export function splitResponseFrame(message: WireMessage): BinaryFrame | undefined {
  if (message.headers[HEADER_LENGTH] === undefined && looksLikeObject(message.body)) return undefined;
  return guardResponse(() => splitBinaryFrame(message));
}

/**
 * Where each tensor's bytes stand behind the JSON, in the order of the entries; undefined for tensors that are JSON. All
 * sizes are checked against shapes, datatypes and the body before anything is read.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function locateBlobs(entries: readonly TensorEntry[], binaryLength: number): readonly (Extent | undefined)[] {
  let start = 0;
  const extents = entries.map((entry) => {
    const { name, datatype, shape, binaryDataSize: size } = entry;
    if (size === undefined) return undefined;
    if (entry.data !== undefined) {
      throw invalidArgument(`tensor '${name}': expected either data or binary_data_size, got both`);
    }
    const { bytes } = DATATYPES[datatype];
    const expected = elementCount(shape) * (bytes === 0 ? 4 : bytes);
    if (bytes === 0 ? size < expected || (expected === 0 && size > 0) : size !== expected) {
      const least = bytes === 0 && expected > 0 ? "at least " : "";
      throw invalidArgument(
        `tensor '${name}': ${datatype} of shape ${formatShape(shape)} takes ${least}${expected} bytes, got binary_data_size ${size}`,
      );
    }
    if (size > binaryLength - start) {
      throw invalidArgument(`tensor '${name}': expected ${size} bytes of binary data, got ${binaryLength - start}`);
    }
    const extent = { start, end: start + size };
    start = extent.end;
    return extent;
  });
  if (start < binaryLength) {
    throw invalidArgument(`expected ${start} bytes of binary data for all tensors, got ${binaryLength}`);
  }
  return extents;
}
