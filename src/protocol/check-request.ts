import type { WireForm, WireMessage } from "../inference/content.ts";
import { assertBody } from "./body-bytes.ts";
import type { Limits } from "./limits.ts";
import { createSharedMemoryCheck, mentionsSharedMemory } from "./shared-memory.ts";
import { readRequest as readV1Request, V1_EXAMPLE } from "./v1/decode.ts";
import { readHeaderLength, splitBinaryFrame } from "./v2/binary-frame.ts";
import { assertBinaryHeader, readRequest as readV2Request, V2_EXAMPLE } from "./v2/decode.ts";

/**
 * The check that bytes which nobody reads get before they are forwarded: a binary V2 body must add up, header length, blob
 * sizes, shapes and datatypes, and shared memory is refused. Other bodies pass: reading them would cost more than forwarding.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function assertForwardable(wire: WireForm, message: WireMessage, limits: Limits): void {
  if (wire === "v1") assertBody(message, V1_EXAMPLE);
  if (wire !== "v2") return;
  const frame = splitBinaryFrame(message);
  if (frame === undefined) assertBody(message, V2_EXAMPLE);
  if (frame !== undefined || mentionsSharedMemory(message.body)) readV2Request(message, { limits });
}

/** What bytes that are handed on as they come are checked for. */
export interface StreamCheck {
  /** So many bytes stand before those that need no look; they are collected first. */
  readonly headLength: number;
  /** @throws InferenceError invalid_argument that names the tensor, what was expected and what came. */
  readonly assertHead?: (head: Uint8Array) => void;
  /** Of each chunk. @throws InferenceError invalid_argument. */
  readonly assertChunk?: (chunk: Uint8Array) => void;
}

/**
 * `assertForwardable` for a body of `byteLength` bytes that is still to come; undefined where only the whole body tells: a raw
 * binary request, and one with more JSON than `maxHead` bytes.
 * @throws InferenceError invalid_argument for a header that cannot be right.
 */
export function createStreamCheck(
  wire: WireForm,
  headers: WireMessage["headers"],
  byteLength: number,
  maxHead: number,
  limits: Limits,
): StreamCheck | undefined {
  if (wire === "v1") return { headLength: 0 };
  const headLength = readHeaderLength(headers, byteLength);
  if (headLength === undefined) return { headLength: 0, assertChunk: createSharedMemoryCheck() };
  if (headLength === 0 || headLength > maxHead) return undefined;
  return { headLength, assertHead: (head) => assertBinaryHeader(head, byteLength - headLength, limits) };
}

/**
 * The full check of a body, for `--check_requests`: everything in it is read, so that no predictor has to judge it.
 * @throws InferenceError invalid_argument that names the place, what was expected and what came.
 */
export function checkRequest(wire: WireForm, message: WireMessage, limits: Limits): void {
  if (wire === "v2") {
    for (const tensor of readV2Request(message, { limits }).values.tensors()) void tensor.data;
  } else if (wire === "v1") {
    const { values } = readV1Request(message, { modelName: "", limits });
    if (values.native === "rows") values.rows();
    else values.tensors();
  }
}
