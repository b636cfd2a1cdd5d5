import type { WireForm, WireMessage } from "../inference/content.ts";
import type { Limits } from "./limits.ts";
import { mentionsSharedMemory } from "./shared-memory.ts";
import { readRequest as readV1Request } from "./v1/decode.ts";
import { splitBinaryFrame } from "./v2/binary-frame.ts";
import { readRequest as readV2Request } from "./v2/decode.ts";

/**
 * The check that bytes which nobody reads get before they are forwarded: a binary V2 body must add up, header length, blob
 * sizes, shapes and datatypes, and shared memory is refused. Other bodies pass: reading them would cost more than forwarding.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function assertForwardable(wire: WireForm, message: WireMessage, limits: Limits): void {
  if (wire !== "v2") return;
  if (splitBinaryFrame(message) !== undefined || mentionsSharedMemory(message.body)) readV2Request(message, { limits });
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
