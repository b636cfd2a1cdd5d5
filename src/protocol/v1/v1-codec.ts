import type { WireMessage } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { Codec } from "../codec.ts";
import { encodeErrorBody } from "../error-body.ts";
import { decodeRequest, decodeResponse } from "./decode.ts";
import { encodeRequest, encodeResponse } from "./encode.ts";

/** KServe V1, which is TensorFlow Serving's REST form. */
export const v1Codec: Codec = {
  wire: "v1",
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  encodeError: encodeErrorBody,
  mayForwardResponse,
  replaceModelName: (message) => message,
};

/** True where the response's first key is the one that the request's form asks for. */
function mayForwardResponse(message: WireMessage, request: InferRequest): boolean {
  const key = firstKey(message);
  if (key === undefined || (message.headers["content-encoding"] ?? "identity") !== "identity") return false;
  const asked = request.source?.isRead === false ? firstKey(request.source.message) : undefined;
  const columnar = asked === "inputs" || (asked !== "instances" && request.content.columnar === true);
  return key === (columnar ? "outputs" : "predictions");
}

/** The first key of a JSON object, where it is found at once. */
function firstKey({ body }: WireMessage): string | undefined {
  const [first] = body;
  if (first === undefined) return undefined;
  const start = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, 64)).toString("latin1");
  return /^\s*\{\s*"(\w+)"\s*:/.exec(start)?.[1];
}
