import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { InferenceError, invalidArgument } from "../errors.ts";
import type { WireMessage } from "../inference/content.ts";
import type { Limits } from "../protocol/limits.ts";
import { parseMediaTypes } from "../protocol/media-type.ts";
import { createTensor, type Tensor } from "../tensor/tensor.ts";

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
export async function decodeRawBody(message: WireMessage, limits: Limits, lone: string): Promise<readonly Tensor[]> {
  const type = message.headers["content-type"] ?? "";
  if (parseMediaTypes(type)[0]?.essence !== FORM) {
    const bytes = Buffer.concat(message.body);
    if (bytes.byteLength === 0) throw invalidArgument(`body: expected ${type}, got nothing`);
    return [createTensor(lone, "BYTES", [1], [bytes])];
  }
  const fields = await readForm(type, message.body, limits);
  const [first] = fields;
  if (first === undefined) throw invalidArgument("body: expected a form with at least one field, got none");
  const rows = first[1].length;
  return [...fields].map(([name, values]) => {
    if (values.length !== rows) {
      throw invalidArgument(
        `field '${name}': expected ${rows} values as field '${first[0]}' has, got ${values.length}`,
      );
    }
    return createTensor(name, "BYTES", [rows], values);
  });
}

async function readForm(contentType: string, body: readonly Uint8Array[], limits: Limits): Promise<Fields> {
  // Loaded when the first form comes.
  const { Busboy } = await import("@fastify/busboy");
  const fields: Fields = new Map();
  let failure: InferenceError | undefined;
  const add = (name: string | undefined, value: Uint8Array): void => {
    if (name === undefined)
      failure ??= invalidArgument("body: expected a name for each part of the form, got one without");
    if (failure !== undefined || name === undefined) return;
    const values = fields.get(name) ?? [];
    fields.set(name, values);
    values.push(value);
    if (values.length > limits.maxInstances) failure ??= tooMany(`values of field '${name}'`, "max_instances");
  };
  let form: InstanceType<typeof Busboy>;
  try {
    // The body is within its own limit already; a part cannot be larger than it.
    form = new Busboy({
      headers: { "content-type": contentType },
      limits: { fieldSize: limits.maxBodyBytes, fields: limits.maxInstances, files: limits.maxInstances },
      // A picture without a file's name is no text.
      isPartAFile: (_name, type, file) => file !== undefined || (type !== undefined && !type.startsWith("text/")),
    });
  } catch (error) {
    throw invalidArgument(`content-type: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  form.on("field", (name, value) => add(name, Buffer.from(value)));
  form.on("file", (name, stream) => {
    const chunks: Uint8Array[] = [];
    stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    stream.on("end", () => add(name, Buffer.concat(chunks)));
  });
  for (const event of ["partsLimit", "filesLimit", "fieldsLimit"] as const) {
    form.on(event, () => {
      failure ??= tooMany("fields", "max_instances");
    });
  }
  try {
    await pipeline(Readable.from(inSlices(body)), form);
  } catch (error) {
    throw invalidArgument(`body: not a form: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  if (fields.size > limits.maxTensors) failure ??= tooMany("fields", "max_tensors");
  if (failure !== undefined) throw failure;
  return fields;
}

const SLICE_BYTES = 64 * 1024;

/** A body piece by piece, with a turn of the event loop between: a form of small fields is read for seconds. */
async function* inSlices(body: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of body) {
    for (let at = 0; at < chunk.byteLength; at += SLICE_BYTES) {
      yield chunk.subarray(at, at + SLICE_BYTES);
      await setImmediate();
    }
  }
}

function tooMany(what: string, limit: string): InferenceError {
  return new InferenceError(`body: too many ${what} (${limit})`, { code: "payload_too_large" });
}
