import type { Buffer } from "node:buffer";
import { InferenceError, invalidArgument } from "../errors.ts";
import type { WireMessage } from "../inference/content.ts";
import { joinChunks } from "../protocol/body-bytes.ts";
import type { Limits } from "../protocol/limits.ts";
import { parseMediaTypes } from "../protocol/media-type.ts";
import { createTensor, type Tensor } from "../tensor/tensor.ts";
import type { Turns } from "../turns.ts";
import { type FormPart, readFormParts } from "./form-parts.ts";

/** Fields of a form, in the order in which they came; a field that came several times has several values. */
type Fields = Map<string, Uint8Array[]>;

const MEDIA = /^(image|audio|video)\//;
const FORM = "multipart/form-data";

/**
 * True for a body that is itself the content and no JSON around it: a picture or another medium, a form with files, bytes
 * (`application/octet-stream`) that are neither JSON nor V2's binary form.
 */
export function isRawBody({ headers, body }: WireMessage): boolean {
  const type = headers["content-type"];
  if (type === undefined || type === "application/json") return false;
  const [{ essence } = { essence: "" }] = parseMediaTypes(type);
  if (MEDIA.test(essence) || essence === FORM) return true;
  if (essence !== "application/octet-stream" || headers["inference-header-content-length"] !== undefined) return false;
  return !looksLikeJson(body);
}

function looksLikeJson(body: readonly Uint8Array[]): boolean {
  const first = body.find((chunk) => chunk.byteLength > 0)?.find((byte) => byte > 0x20);
  return first === undefined || first === 0x7b || first === 0x5b;
}

/**
 * The content of a raw body as BYTES tensors: one of one element for a medium, and for a form (RFC 7578) one a field with as
 * many elements as the field came times: `curl -F image=@a.jpg -F image=@b.jpg` is two rows.
 * @param lone name of the tensor of a body that has no names.
 * @throws InferenceError invalid_argument for a form that is broken or whose fields have unlike numbers of values,
 *   payload_too_large for more fields or rows than the limits allow.
 */
export async function decodeRawBody(
  message: WireMessage,
  limits: Limits,
  lone: string,
  turns: Turns,
): Promise<readonly Tensor[]> {
  const type = message.headers["content-type"] ?? "";
  const [media] = parseMediaTypes(type);
  const body = joinChunks(message.body);
  if (media?.essence !== FORM) {
    if (body.byteLength === 0) throw invalidArgument(`body: expected ${type}, got nothing`);
    return [createTensor(lone, "BYTES", [1], [body])];
  }
  const fields = await readForm(body, media.parameters["boundary"] ?? "", limits, turns);
  const [first] = fields;
  if (first === undefined) throw invalidArgument("body: expected a form with at least one field, got none");
  const rows = first[1].length;
  return [...fields].map(([name, values]) => {
    if (values.length !== rows) {
      throw invalidArgument(
        `field '${name}': expected as many values as field '${first[0]}' has, ${rows}, got ${values.length}`,
      );
    }
    return createTensor(name, "BYTES", [rows], values);
  });
}

async function readForm(body: Buffer, boundary: string, limits: Limits, turns: Turns): Promise<Fields> {
  const fields: Fields = new Map();
  let count = 0;
  const add = ({ name, bytes }: FormPart): void => {
    if (name === undefined) throw invalidArgument("body: expected a name for each part of the form, got one without");
    count += 1;
    if (count > limits.maxInstances) throw tooMany("parts", "max_instances");
    const values = fields.get(name);
    if (values !== undefined) values.push(bytes);
    else if (fields.size === limits.maxTensors) throw tooMany("fields", "max_tensors");
    else fields.set(name, [bytes]);
  };
  await turns.finish(readFormParts(body, boundary, add));
  return fields;
}

function tooMany(what: string, limit: string): InferenceError {
  return new InferenceError(`body: too many ${what} (${limit})`, { code: "payload_too_large" });
}
