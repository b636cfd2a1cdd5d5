import { Buffer } from "node:buffer";
import { InferenceError, invalidArgument } from "../errors.ts";
import type { WireMessage } from "../inference/content.ts";
import { OPEN_OBJECT, skipSpace, startOfText, toBuffer } from "../json/json-bytes.ts";
import { byteLength } from "../tensor/join-parts.ts";
import { isJson, parseMediaTypes } from "./media-type.ts";

/** The chunks as one block; a single chunk is not copied. */
export function joinChunks(chunks: readonly Uint8Array[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? toBuffer(first) : Buffer.concat(chunks);
}

/**
 * Bytes `start` to `end` of the chunks laid end to end: a view where one chunk holds them, else one copy, which begins at
 * an offset that suits every datatype.
 */
export function sliceChunks(chunks: readonly Uint8Array[], start: number, end: number): Uint8Array {
  let offset = 0;
  let target: Uint8Array | undefined;
  let filled = 0;
  for (const chunk of chunks) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, chunk.length);
    if (from < to || (start === end && from <= chunk.length)) {
      if (target === undefined && to - from === end - start) {
        return new Uint8Array(chunk.buffer, chunk.byteOffset + from, to - from);
      }
      target ??= new Uint8Array(end - start);
      target.set(chunk.subarray(from, to), filled);
      filled += to - from;
    }
    offset += chunk.length;
    if (offset >= end) break;
  }
  return target ?? new Uint8Array(0);
}

/**
 * The body as JSON text. Content-Type decides only where the text does not look like JSON: batchers send none, old clients
 * a wrong one.
 * @throws InferenceError unsupported_media_type for other content and for JSON in a charset other than UTF-8.
 */
export function jsonBody(message: WireMessage): Buffer {
  const body = joinChunks(message.body);
  if (message.headers["content-type"] === "application/json") return body;
  const types = parseMediaTypes(message.headers["content-type"]);
  const charset = types.find(isJson)?.parameters["charset"];
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
    throw new InferenceError(`expected JSON in UTF-8, got charset ${charset.slice(0, 40)}`, {
      code: "unsupported_media_type",
    });
  }
  if (types.length > 0 && !types.some(isJson)) {
    if (!looksLikeObject([body])) {
      const got = types.map(({ essence }) => essence.slice(0, 80)).join(", ");
      // What a client sends that names none, as curl does.
      const isUnsaid = got === "application/x-www-form-urlencoded";
      const fix = isUnsaid
        ? ": write JSON with content-type application/json, or send a file with its own, such as image/jpeg"
        : "";
      throw new InferenceError(`expected a JSON object, got ${got}${fix}`, { code: "unsupported_media_type" });
    }
  }
  return body;
}

/** True where the text begins as a JSON object. */
export function looksLikeObject(chunks: readonly Uint8Array[]): boolean {
  const [first] = chunks;
  // Nearly always: a body that begins with its brace is not joined for this.
  if (first?.[0] === OPEN_OBJECT) return true;
  const body = joinChunks(chunks);
  return body[skipSpace(body, startOfText(body), body.length)] === OPEN_OBJECT;
}

/**
 * A request without a body is told what a body looks like.
 * @throws InferenceError invalid_argument.
 */
export function assertBody({ body }: WireMessage, example: string): void {
  if (byteLength(body) === 0) throw invalidArgument(`expected a JSON body such as ${example}, got no body`);
}
