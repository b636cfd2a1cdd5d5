import type { WireMessage } from "../../inference/content.ts";
import { decodeBody } from "../../protocol/body-encoding.ts";
import type { ModelServer } from "../model-server.ts";
import type { HttpRequest } from "./http-message.ts";

/**
 * The body out of its content-encoding, within the limit on bytes.
 * @throws InferenceError payload_too_large, unsupported_media_type, invalid_argument; cancelled when the client leaves.
 */
export async function receiveBody(
  { options }: ModelServer,
  { headers, body, signal }: HttpRequest,
): Promise<readonly Uint8Array[]> {
  const encoding = headers["content-encoding"];
  return encoding === undefined ? body : decodeBody(body, encoding, options.limits.maxBodyBytes, signal);
}

/** A body with the headers that say how to read it. */
export function toWireMessage(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: readonly Uint8Array[],
): WireMessage {
  const kept: Record<string, string> = {};
  const type = headers["content-type"];
  if (typeof type === "string") kept["content-type"] = type;
  const length = headers["inference-header-content-length"];
  if (typeof length === "string") kept["inference-header-content-length"] = length;
  return { headers: kept, body };
}
