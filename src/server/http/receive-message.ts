import type { IncomingMessage } from "node:http";
import { InferenceError } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import { decodeBody } from "../../protocol/body-encoding.ts";
import type { ModelServer } from "../model-server.ts";
import type { HttpRequest } from "./http-message.ts";

/**
 * The body out of its content-encoding, within the limit on bytes.
 * @throws InferenceError payload_too_large, unsupported_media_type, invalid_argument; cancelled when the client leaves.
 */
export async function receiveBody({ options }: ModelServer, request: HttpRequest): Promise<readonly Uint8Array[]> {
  const { headers, body } = request;
  const encoding = headers["content-encoding"];
  if (encoding === undefined) return body;
  return decodeBody(body, encoding, options.limits.maxBodyBytes, request.signal);
}

/** A message as it was sent, for logs of what could not be read; compressed bytes are bytes, whatever they hold. */
export function toSentMessage({ headers, body }: Pick<HttpRequest, "headers" | "body">): WireMessage {
  if (headers["content-encoding"] === undefined) return toWireMessage(headers, body);
  return { headers: { "content-type": "application/octet-stream" }, body };
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

type BodyCallback = (error: unknown, body: readonly Uint8Array[]) => void;

/** Collects a body; one over the limit is refused before it is read where its length is announced. */
export function readBody(incoming: IncomingMessage, maxBytes: number, done: BodyCallback): void {
  const announced = Number(incoming.headers["content-length"] ?? 0);
  if (announced > maxBytes) {
    done(tooLarge(announced, maxBytes), []);
    return;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let finished = false;
  const finish = (error: unknown) => {
    if (finished) return;
    finished = true;
    done(error, chunks);
  };
  incoming.on("data", (chunk: Uint8Array) => {
    if (finished) return;
    bytes += chunk.byteLength;
    if (bytes > maxBytes) finish(tooLarge(bytes, maxBytes));
    else chunks.push(chunk);
  });
  incoming.on("end", () => finish(undefined));
  incoming.on("error", (error) => finish(new InferenceError("the client left", { code: "cancelled", cause: error })));
}

function tooLarge(bytes: number, maxBytes: number): InferenceError {
  return new InferenceError(`the body has ${bytes} bytes or more, the limit is ${maxBytes} (max_body_bytes)`, {
    code: "payload_too_large",
  });
}
